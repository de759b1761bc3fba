import { BackendError, sizeOf } from '../core/index.js';
import type { Batch } from '../data/index.js';
import { type AdamWOptions, adamWScalars, momentName, type StepSpec } from '../graph/index.js';
import type { ParameterValue, ParameterValues } from '../model/index.js';
import type { Engine, LoadedProgram, StepFeeds, TensorValue, TensorValues } from '../runtime/index.js';
import type { BetweenSteps, ResumePoint, TrainingHooks, TrainingState } from './between-steps.js';
import { loadStep } from './load-step.js';
import { putTogether, stateNames, takeApart } from './pieces.js';
import { learningRateAt, type ScheduleOptions } from './schedule.js';
import type { StepShape } from './step.js';
import { type Budget, type PlanChange, StepPlan } from './step-plan.js';
import type { StepsReport } from './steps-report.js';

/** One training run: everything its numbers depend on. */
export interface TrainingRun {
  readonly engine: Engine;
  readonly step: StepSpec;
  readonly shape: StepShape;
  readonly initial: ParameterValues;
  /** The micro-batch of a number, N to a step: a pure function of it. */
  readonly batchAt: (index: number) => Batch;
  readonly optimizer: AdamWOptions;
  /** Largest global gradient norm; gradients are scaled down to it. */
  readonly maxGradientNorm: number;
  readonly schedule: ScheduleOptions;
  readonly budget: Budget;
  /** K: optimizer steps done in one go, between which nobody looks. */
  readonly stepsPerRun: number;
  /** When aborted, the run ends after the steps under way. */
  readonly signal?: AbortSignal;
  readonly onSteps?: (report: StepsReport) => void;
  readonly hooks?: TrainingHooks;
  /** Sees the parameters now and then; batches already made ahead, K steps at most, do not wait for it. */
  readonly watch?: ParameterWatch | undefined;
}

/** Something that looks at the parameters of a run under way, and that the run waits for. */
export interface ParameterWatch {
  /** Steps between looks, at least K. */
  readonly every: number;
  look(step: number, parameters: ParameterValues): Promise<void>;
}

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
  const interrupted = !stopped && plan.remaining(step, elapsedMs) > 0;
  await atEnd?.(stepper.between(step, elapsedMs, plan), interrupted);
  await stepper.release();
  return { parameters, steps: step, elapsedMs, interrupted, lossNats, plan: plan.changes };
}

interface PreparedSteps {
  readonly count: number;
  readonly steps: readonly StepFeeds[];
  /** Learning rate of each step. */
  readonly rates: readonly number[];
}

type StepMetrics = Pick<StepsReport, 'lossNats' | 'accuracy' | 'gradientNorm' | 'skipped'>;

/** Feeds the program up to K steps at a time; the state stays in it. */
class Stepper {
  private loaded: LoadedProgram | undefined;
  private rateScale: number;

  constructor(private readonly training: TrainingRun) {
    this.rateScale = training.hooks?.from?.rateScale ?? 1;
  }

  async start(): Promise<void> {
    const { engine, step } = this.training;
    this.loaded = await loadStep(engine, step, this.training);
    await this.write(this.training.hooks?.from?.state ?? initialState(this.training));
  }

  async rewind({ state, rateScale }: ResumePoint): Promise<void> {
    this.rateScale = rateScale;
    await this.write(state ?? initialState(this.training));
  }

  between(step: number, elapsedMs: number, plan: StepPlan): BetweenSteps {
    return {
      step,
      elapsedMs,
      plan: [...plan.changes],
      rateScale: this.rateScale,
      state: () => this.state(),
      parameters: () => this.parameters(),
    };
  }

  batches(from: number, count: number): Batch[] {
    const microBatches = microBatchesOf(this.training.shape);
    return Array.from({ length: count * microBatches }, (_, index) =>
      this.training.batchAt(from * microBatches + index),
    );
  }

  prepare(step: number, remaining: number, plan: StepPlan, ready?: readonly Batch[]): PreparedSteps {
    const { watch, stepsPerRun } = this.training;
    // A run ends where somebody looks at the parameters, so that what is seen does not depend on K.
    const unwatched = watch ? watch.every - (step % watch.every) : Number.POSITIVE_INFINITY;
    const count = Math.max(0, Math.min(stepsPerRun, remaining, unwatched));
    const { schedule, shape } = this.training;
    const perStep = microBatchesOf(shape);
    const batches = ready ?? this.batches(step, count);
    const rates = Array.from(
      { length: count },
      (_, index) => this.rateScale * learningRateAt(step + index, plan.current, schedule),
    );
    const steps = rates.map((rate, index) =>
      this.feedsOf(step + index, rate, batches.slice(index * perStep, (index + 1) * perStep)),
    );
    return { count, steps, rates };
  }

  private feedsOf(step: number, rate: number, batches: readonly Batch[]): StepFeeds {
    const { optimizer, shape, step: spec } = this.training;
    const scalars = adamWScalars(step + 1, rate, optimizer);
    const muonFeeds = { 'muon/learningRate': scalar(rate), 'muon/retained': scalar(scalars.retained) };
    const feeds = batchFeeds(batches, shape);
    return { feeds: spec.successors.size > 0 ? { ...feeds, ...muonFeeds } : feeds, scalars };
  }

  /** Does the prepared steps; one that is not finite changes nothing. */
  async run({ steps }: PreparedSteps): Promise<StepMetrics> {
    const results = await this.program.steps(steps);
    const numbers = (name: string) => Array.from(results[name]?.data ?? [], Number);
    const [lossNats, accuracy, gradientNorm] = ['lossNats', 'accuracy', 'gradientNorm'].map(numbers) as [
      number[],
      number[],
      number[],
    ];
    const skipped = [...lossNats.keys()].filter(
      (index) => !Number.isFinite(lossNats[index]) || !Number.isFinite(gradientNorm[index]),
    );
    return { lossNats, accuracy, gradientNorm, skipped };
  }

  private async write(state: TrainingState | Iterable<readonly [string, TensorValue]>): Promise<void> {
    // One tensor at a time: together they would be three times in memory while they cross between threads.
    for await (const [name, value] of state) await this.program.writeState({ [name]: value });
  }

  private async *state(): TrainingState {
    for (const name of this.training.step.state.keys()) {
      const value = (await this.program.readState([name]))[name];
      if (value) yield [name, value];
    }
  }

  async parameters(): Promise<ParameterValues> {
    const { initial, step } = this.training;
    const parameters = new Map<string, ParameterValue>();
    for (const [name, { shape }] of initial) {
      const names = stateNames(name, step.state);
      const state = await this.program.readState(names);
      const pieces = names.map((piece) => state[piece]?.data as Float32Array);
      parameters.set(name, putTogether(shape, pieces));
    }
    return parameters;
  }

  async release(): Promise<void> {
    await this.program.release();
  }

  private get program(): LoadedProgram {
    if (!this.loaded) throw new BackendError('the training program is not loaded');
    return this.loaded;
  }
}

/** Parameters as given and moments of zero, one by one. */
function* initialState({ initial, step }: TrainingRun): Generator<[string, TensorValue], void> {
  for (const [parameter, value] of initial) {
    for (const [name, { shape, data }] of takeApart(parameter, value, step.state)) {
      yield [name, { dtype: 'float32', shape, data }];
      for (const moment of ['first', 'second'] as const) {
        if (!step.state.has(momentName(name, moment))) continue;
        const zeros = new Float32Array(data.length);
        yield [momentName(name, moment), { dtype: 'float32', shape, data: zeros }];
      }
    }
  }
}

function scalar(value: number): TensorValue {
  return { dtype: 'float32', shape: [], data: Float32Array.of(value) };
}

function microBatchesOf({ microBatches }: StepShape): number {
  return microBatches ?? 1;
}

/**
 * The micro-batches of one step, along a leading axis where there is more than one. Weights are divided by their sum over
 * the step, so that they sum to 1.
 */
export function batchFeeds(batches: readonly Batch[], shape: StepShape): TensorValues {
  const { batchSize, sequenceLength, predictions } = shape;
  const leading = microBatchesOf(shape) === 1 ? [] : [batches.length];
  const ints = (inner: readonly number[], pick: (batch: Batch) => Int32Array): TensorValue => {
    const size = sizeOf(inner);
    const data = new Int32Array(batches.length * size);
    for (const [index, batch] of batches.entries()) data.set(pick(batch), index * size);
    return { dtype: 'int32', shape: [...leading, ...inner], data };
  };
  return {
    inputIds: ints([batchSize, sequenceLength], (batch) => batch.inputIds),
    positions: ints([predictions], (batch) => batch.positions),
    labels: ints([predictions], (batch) => batch.labels),
    weights: { dtype: 'float32', shape: [...leading, predictions], data: lossWeights(batches, predictions) },
  };
}

function lossWeights(batches: readonly Batch[], predictions: number): Float32Array {
  const weights = new Float32Array(batches.length * predictions);
  const masked = batches.reduce((sum, { maskedCount }) => sum + maskedCount, 0);
  for (const [index, batch] of batches.entries()) {
    weights.set(
      batch.weights.map((weight) => weight / Math.max(1, masked)),
      index * predictions,
    );
  }
  return weights;
}
