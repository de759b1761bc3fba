import { BackendError } from '../core/index.js';
import type { Batch } from '../data/index.js';
import { adamWScalars, momentName } from '../graph/index.js';
import type { ParameterValue, ParameterValues } from '../model/index.js';
import type { LoadedProgram, StepFeeds, TensorValue } from '../runtime/index.js';
import { batchFeeds, microBatchesOf } from './batch-feeds.js';
import type { BetweenSteps, ResumePoint, TrainingState } from './between-steps.js';
import { loadStep } from './load-step.js';
import { putTogether, stateNames, takeApart } from './pieces.js';
import { learningRateAt } from './schedule.js';
import type { StepPlan } from './step-plan.js';
import type { StepsReport } from './steps-report.js';
import type { StepSource, TrainingRun, TrainingStage } from './training-run.js';

/** Steps that are ready to be done. */
export interface PreparedSteps {
  /** The first of them. */
  readonly from: number;
  readonly count: number;
  readonly steps: readonly StepFeeds[];
  /** Learning rate of each step. */
  readonly rates: readonly number[];
}

type StepMetrics = Pick<StepsReport, 'lossNats' | 'accuracy' | 'gradientNorm' | 'skipped'>;

/** Feeds the program up to K steps at a time; the state stays in it, and goes on to the next stage's program. */
export class Stepper {
  private loaded: { readonly source: StepSource; readonly program: LoadedProgram } | undefined;
  private rateScale: number;

  constructor(private readonly training: TrainingRun) {
    this.rateScale = training.hooks?.from?.rateScale ?? 1;
  }

  async start(): Promise<void> {
    const { from } = this.training.hooks ?? {};
    await this.enter(from?.step ?? 0);
    await this.begin(from?.state);
  }

  async rewind({ step, state, rateScale }: ResumePoint): Promise<void> {
    this.rateScale = rateScale;
    await this.enter(step);
    await this.begin(state);
  }

  private async begin(state: TrainingState | undefined): Promise<void> {
    if (!state) return this.write(initialState(this.training));
    await this.write(tablesOf(this.training));
    await this.write(state);
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

  /** The batches of at most `count` steps from a step on, as many as are of its stage. */
  batches(from: number, count: number): Batch[] {
    const { shape, batchAt, untilStep } = this.stageAt(from);
    const microBatches = microBatchesOf(shape);
    return Array.from({ length: Math.min(count, untilStep - from) * microBatches }, (_, index) =>
      batchAt(from * microBatches + index),
    );
  }

  prepare(step: number, remaining: number, plan: StepPlan, ready?: readonly Batch[]): PreparedSteps {
    const { watch, stepsPerRun } = this.training;
    // A run ends where somebody looks at the parameters, so that what is seen does not depend on K.
    const unwatched = watch ? watch.every - (step % watch.every) : Number.POSITIVE_INFINITY;
    const { shape, untilStep } = this.stageAt(step);
    const count = Math.max(0, Math.min(stepsPerRun, remaining, unwatched, untilStep - step));
    const { schedule } = this.training;
    const perStep = microBatchesOf(shape);
    const batches = ready ?? this.batches(step, count);
    const rates = Array.from(
      { length: count },
      (_, index) => this.rateScale * learningRateAt(step + index, plan.current, schedule),
    );
    const steps = rates.map((rate, index) =>
      this.feedsOf(step + index, rate, batches.slice(index * perStep, (index + 1) * perStep)),
    );
    return { from: step, count, steps, rates };
  }

  private feedsOf(step: number, rate: number, batches: readonly Batch[]): StepFeeds {
    const { optimizer } = this.training;
    const { shape, step: spec } = this.stageAt(step);
    const scalars = adamWScalars(step + 1, rate, optimizer);
    const muonFeeds = { 'muon/learningRate': scalar(rate), 'muon/retained': scalar(scalars.retained) };
    const feeds = batchFeeds(batches, shape);
    return { feeds: spec.successors.size > 0 ? { ...feeds, ...muonFeeds } : feeds, scalars };
  }

  /** Does the prepared steps; one that is not finite changes nothing. */
  async run({ from, steps }: PreparedSteps): Promise<StepMetrics> {
    await this.enter(from);
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
    for (const [name, value] of initial) {
      if (isTable(name, this.training)) {
        parameters.set(name, value);
        continue;
      }
      const names = stateNames(name, step.state);
      const state = await this.program.readState(names);
      const pieces = names.map((piece) => state[piece]?.data as Float32Array);
      parameters.set(name, putTogether(value.shape, pieces));
    }
    return parameters;
  }

  async release(): Promise<void> {
    await this.program.release();
  }

  private stageAt(step: number): TrainingStage {
    const { stages = [], ...last } = this.training;
    return (
      stages.find(({ untilStep }) => step < untilStep) ?? { ...last, untilStep: Number.POSITIVE_INFINITY }
    );
  }

  /** Loads the program of a step's stage, unless it is, with the state of the one before. */
  private async enter(step: number): Promise<void> {
    const source = this.stageAt(step);
    const before = this.loaded;
    if (before?.source.step === source.step) return;
    const program = await loadStep(this.training.engine, source.step, this.training);
    this.loaded = { source, program };
    if (!before) return;
    await program.takeState(before.program);
    await before.program.release();
  }

  private get program(): LoadedProgram {
    if (!this.loaded) throw new BackendError('the training program is not loaded');
    return this.loaded.program;
  }
}

/** Whether training leaves a parameter as it is. */
function isTable(name: string, { step }: TrainingRun): boolean {
  return !stateNames(name, step.state).some((piece) => step.state.has(piece));
}

/** What no state of training holds, because it does not change. */
function* tablesOf(run: TrainingRun): Generator<[string, TensorValue], void> {
  for (const [name, { shape, data }] of run.initial) {
    if (isTable(name, run)) yield [name, { dtype: 'float32', shape, data }];
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
