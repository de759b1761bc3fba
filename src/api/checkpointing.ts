import { BackendError } from '../core/index.js';
import { lacunaVersion } from '../hub/index.js';
import type { Masker } from '../masking/index.js';
import type { Checkpoint, RunEvent, WatchState } from '../runs/index.js';
import { runtimeVersion } from '../runtime/index.js';
import {
  type BetweenSteps,
  isCalm,
  LossGuard,
  parametersOf,
  type ResumePoint,
  type StepsReport,
  type TrainingHooks,
  type TrainingOutcome,
  type Verdict,
} from '../train/index.js';
import { type Interval, isDue } from './interval.js';
import type { OpenRun, RunSession } from './run-session.js';
import type { ProgressEvent, TrainEvent } from './types.js';

const DEFAULT_INTERVAL: Interval = { ms: 300_000 };
const DEFAULT_KEPT = 2;
const MAX_REWINDS = 4;
/** What a rewind multiplies the learning rate by. */
const REWIND_RATE = 0.5;

const FRESH: Omit<WatchState, 'guard'> = { rewinds: 0, best: null, sinceBest: 0 };

/** Held-out loss and accuracy of the parameters reached. */
export type HeldOutMeasure = (
  parameters: Awaited<ReturnType<BetweenSteps['parameters']>>,
) => Promise<{ readonly lossNats: number; readonly accuracy: number }>;

/** Writes a run's events and checkpoints as it goes, goes back when it diverges, and stops when it no longer improves. */
export class RunKeeper implements TrainingHooks {
  readonly from?: ResumePoint;
  private readonly guard: LossGuard;
  private watch: Omit<WatchState, 'guard'>;
  private lastStep: number;
  private lastCheckpoint: { readonly step: number; readonly elapsedMs: number };

  constructor(
    private readonly session: RunSession,
    private readonly run: OpenRun,
    private readonly report: (event: TrainEvent) => void,
    private readonly measure: HeldOutMeasure,
    private readonly masker: Masker,
  ) {
    const { from } = run;
    if (from) this.from = this.pointOf(from);
    const { guard, ...watch } = from?.manifest.watch ?? { guard: undefined, ...FRESH };
    this.guard = new LossGuard(guard);
    this.watch = watch;
    const { step, elapsedMs } = from?.manifest ?? { step: 0, elapsedMs: 0 };
    this.lastStep = step;
    this.lastCheckpoint = { step, elapsedMs };
  }

  /** The newest checkpoint that this process wrote. */
  get lastWritten(): Pick<ProgressEvent, 'lastCheckpointStep'> {
    const { step } = this.lastCheckpoint;
    return step === (this.from?.step ?? 0) ? {} : { lastCheckpointStep: step };
  }

  /** Writes down what progress tells and the event log leaves out. */
  progress(event: ProgressEvent): void {
    this.run.tensorBoard.appendSpeed(event);
  }

  /** Steps of a program run above which checkpoints or evaluations would come late. */
  get longestRun(): number {
    const { evalEvery, checkpointEvery } = this.session.options;
    const steps = checkpointEvery && 'steps' in checkpointEvery ? checkpointEvery.steps : undefined;
    return Math.min(evalEvery ?? Number.POSITIVE_INFINITY, steps ?? Number.POSITIVE_INFINITY);
  }

  /** The outcome with the best parameters, where the held-out loss was measured on the way and got worse. */
  async bestOf(outcome: TrainingOutcome): Promise<TrainingOutcome> {
    const { best } = this.watch;
    if (best === null || best.step === outcome.steps || outcome.interrupted) return outcome;
    const { lossNats } = await this.measure(outcome.parameters);
    if (lossNats <= best.lossNats) return outcome;
    const checkpoint = await this.run.checkpoints.at(best.step);
    this.tell(
      `the model of step ${best.step} is better on held-out text (${best.lossNats.toFixed(3)} nats) than the last one (${lossNats.toFixed(3)}): it is the one saved`,
    );
    const state = this.run.checkpoints.read(checkpoint);
    return { ...outcome, parameters: await parametersOf(outcome.parameters, state) };
  }

  readonly afterSteps = async (report: StepsReport, between: BetweenSteps): Promise<Verdict> => {
    const since = { step: this.lastStep, elapsedMs: between.elapsedMs };
    this.record(stepEvents(report));
    this.lastStep = between.step;
    const trouble = this.guard.observe(report);
    if (trouble !== undefined) return this.rewind(trouble, between);
    const { evalEvery, checkpointEvery } = this.session.options;
    const isMeasured = evalEvery !== undefined && isDue({ steps: evalEvery }, since, between);
    const isBest = isMeasured && (await this.evaluate(between));
    // While losses are too high, or not numbers, a checkpoint waits: a rewind would lead into the same trouble.
    const isWritten =
      isCalm(this.guard.state) && isDue(checkpointEvery ?? DEFAULT_INTERVAL, this.lastCheckpoint, between);
    if (isBest || isWritten) await this.checkpoint(between);
    const { patience } = this.session.options;
    if (patience !== undefined && this.watch.sinceBest >= patience) {
      this.tell(`no better held-out loss in ${patience} evaluations: stopped early`);
      return { kind: 'stop' };
    }
    return { kind: 'continue' };
  };

  readonly atEnd = async (between: BetweenSteps, interrupted: boolean): Promise<void> => {
    if (between.step === 0) return;
    if (!interrupted) {
      const { patience } = this.session.options;
      const isEarly = patience !== undefined && this.watch.sinceBest >= patience;
      this.record([{ type: 'end', step: between.step, reason: isEarly ? 'early-stop' : 'budget' }]);
      this.run.log.sync();
      return;
    }
    if (this.lastCheckpoint.step !== between.step) await this.checkpoint(between);
    this.session.note({ what: 'interrupted', step: between.step, elapsedMs: between.elapsedMs });
    this.report({
      type: 'stage',
      stage: 'checkpoint',
      detail: `go on from step ${between.step} with: lacuna train --resume ${this.session.directory}`,
    });
  };

  /** Measures the held-out loss; true when it is the best so far. */
  private async evaluate(between: BetweenSteps): Promise<boolean> {
    const { lossNats, accuracy } = await this.measure(await between.parameters());
    const best = this.watch.best === null || lossNats < this.watch.best.lossNats;
    this.watch = best
      ? { ...this.watch, best: { step: between.step, lossNats }, sinceBest: 0 }
      : { ...this.watch, sinceBest: this.watch.sinceBest + 1 };
    this.record([{ type: 'evaluation', step: between.step, lossNats, accuracy, best }]);
    this.report({
      type: 'stage',
      stage: 'evaluate',
      detail: `step ${between.step}: held-out loss ${lossNats.toFixed(3)} nats${best ? ', the best so far' : ''}`,
    });
    return best;
  }

  private record(events: readonly RunEvent[]): void {
    this.run.log.append(events);
    this.run.tensorBoard.append(events);
  }

  private async checkpoint(between: BetweenSteps): Promise<void> {
    const started = performance.now();
    const { step, elapsedMs, plan, rateScale } = between;
    const { budget, checkpoints, log, threads } = this.run;
    await checkpoints.write(
      {
        formatVersion: 1,
        createdAt: new Date().toISOString(),
        step,
        elapsedMs,
        rateScale,
        budgetMs: 'ms' in budget ? budget.ms : null,
        plan: [...plan],
        events: log.sync(),
        watch: { ...this.watch, guard: this.guard.state },
        masking: this.masker.state(),
        versions: { lacuna: lacunaVersion(), node: process.version, onnxruntime: runtimeVersion() },
        threads,
      },
      between.state(),
    );
    await checkpoints.retain(this.session.options.keepCheckpoints ?? DEFAULT_KEPT, this.watch.best?.step);
    this.lastCheckpoint = { step, elapsedMs };
    this.session.note({ what: 'checkpoint', step, elapsedMs, memoryBytes: process.memoryUsage.rss() });
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    this.report({ type: 'stage', stage: 'checkpoint', detail: `step ${step}, written in ${seconds} s` });
  }

  private async rewind(trouble: string, between: BetweenSteps): Promise<Verdict> {
    const rewinds = this.watch.rewinds + 1;
    if (rewinds > MAX_REWINDS) {
      throw new BackendError(
        `training diverges: ${trouble}, after ${MAX_REWINDS} rewinds with ever lower learning rates; begin anew with a lower --learning-rate`,
      );
    }
    const { intact } = await this.run.checkpoints.newestIntact(({ watch }) => isCalm(watch.guard));
    const rateScale = between.rateScale * REWIND_RATE;
    const beginning: ResumePoint = { step: 0, elapsedMs: 0, plan: [], rateScale: 1 };
    if (!intact) this.masker.restore(undefined);
    const to = { ...(intact ? this.pointOf(intact) : beginning), rateScale };
    this.guard.forget();
    this.watch = { ...this.watch, rewinds };
    this.record([{ type: 'rewind', step: between.step, toStep: to.step, rateScale, reason: trouble }]);
    this.tell(`${trouble}: back to step ${to.step} with ${rateScale} of the learning rate`);
    this.lastStep = to.step;
    this.lastCheckpoint = { ...this.lastCheckpoint, step: to.step };
    return { kind: 'rewind', to };
  }

  private pointOf(checkpoint: Checkpoint): ResumePoint {
    const { step, elapsedMs, plan, rateScale, masking } = checkpoint.manifest;
    this.masker.restore(masking);
    return {
      step,
      elapsedMs,
      plan: this.courseFrom(checkpoint, plan),
      rateScale,
      state: this.run.checkpoints.read(checkpoint),
    };
  }

  /** Where a budget given anew replaces a decay that has not begun, its start is open again. */
  private courseFrom({ manifest }: Checkpoint, plan: ResumePoint['plan']): ResumePoint['plan'] {
    const isSame = !('ms' in this.run.budget) || this.run.budget.ms === manifest.budgetMs;
    return isSame || manifest.step >= (plan.at(-1)?.decayStart ?? 0) ? plan : [];
  }

  private tell(detail: string): void {
    this.session.notice(detail, this.report);
  }
}

function stepEvents(report: StepsReport): RunEvent[] {
  const first = report.step - report.lossNats.length + 1;
  return report.lossNats.map((lossNats, index): RunEvent => {
    const step = first + index;
    const gradientNorm = report.gradientNorm[index] ?? 0;
    if (report.skipped.includes(index)) {
      return { type: 'skip', step, lossNats: String(lossNats), gradientNorm: String(gradientNorm) };
    }
    const accuracy = report.accuracy[index] ?? 0;
    const learningRate = report.learningRates[index] ?? 0;
    return { type: 'step', step, lossNats, accuracy, gradientNorm, learningRate };
  });
}
