import type { ParameterValues } from '../model/index.js';
import { type PlanChange, StepPlan } from './step-plan.js';
import { Stepper } from './stepper.js';
import type { StepsReport } from './steps-report.js';
import type { TrainingRun } from './training-run.js';

export interface TrainingOutcome {
  readonly parameters: ParameterValues;
  readonly steps: number;
  readonly elapsedMs: number;
  readonly interrupted: boolean;
  readonly lossNats: readonly number[];
  /** The course of the plan; as a budget it repeats the run bit for bit. */
  readonly plan: readonly PlanChange[];
}

/**
 * Trains until the budget is spent, the signal aborts or a hook stops it; the outcome holds the parameters reached. A
 * step whose loss or gradient is not finite changes nothing and is reported as skipped.
 */
export async function runTraining(run: TrainingRun): Promise<TrainingOutcome> {
  const stepper = new Stepper(run);
  await stepper.start();
  const { from, afterSteps, atEnd } = run.hooks ?? {};
  const started = performance.now() - (from?.elapsedMs ?? 0);
  const lossNats: number[] = [];
  const plan = new StepPlan(run.budget, run.schedule, from?.plan);
  let step = from?.step ?? 0;
  let stopped = false;
  let prepared = stepper.prepare(step, plan.remaining(step, from?.elapsedMs ?? 0), plan);
  while (prepared.count > 0 && !run.signal?.aborted) {
    const running = stepper.run(prepared);
    const done = step + prepared.count;
    // The next batches are made while the worker computes; their learning rate assumes the plan of this moment.
    const batches = stepper.batches(done, run.stepsPerRun);
    const metrics = await running;
    const elapsedMs = performance.now() - started;
    step = done;
    lossNats.push(...metrics.lossNats);
    const remaining = plan.remaining(step, elapsedMs);
    const report: StepsReport = {
      ...metrics,
      step,
      totalSteps: plan.estimate(step, elapsedMs),
      learningRates: prepared.rates,
      learningRate: prepared.rates.at(-1) ?? 0,
      elapsedMs,
    };
    run.onSteps?.(report);
    if (run.watch && step % run.watch.every === 0) await run.watch.look(step, await stepper.parameters());
    const verdict = await afterSteps?.(report, stepper.between(step, elapsedMs, plan));
    stopped = verdict?.kind === 'stop';
    if (stopped) break;
    if (verdict?.kind === 'rewind') {
      await stepper.rewind(verdict.to);
      step = verdict.to.step;
      prepared = stepper.prepare(step, plan.remaining(step, elapsedMs), plan);
    } else prepared = stepper.prepare(step, remaining, plan, batches);
  }
  const parameters = await stepper.parameters();
  const elapsedMs = performance.now() - started;
  // Asked again now, a plan for a time could find room for more steps in what the last ones left of it.
  const interrupted = !stopped && prepared.count > 0;
  await atEnd?.(stepper.between(step, elapsedMs, plan), interrupted);
  await stepper.release();
  return { parameters, steps: step, elapsedMs, interrupted, lossNats, plan: plan.changes };
}
