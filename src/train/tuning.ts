import {
  type LabelBatch,
  type LabelBatchOptions,
  type LabelledSequence,
  labelBatches,
} from '../data/index.js';
import { adamWScalars } from '../graph/index.js';
import type { LanguageModel, ParameterValue, ParameterValues } from '../model/index.js';
import type { Engine, LoadedProgram, TensorValue, TensorValues } from '../runtime/index.js';
import { loadStep } from './load-step.js';
import { type TuningStepOptions, tuningStep } from './tuning-step.js';

/** One fine-tuning: everything its numbers depend on. */
export interface TuningRun extends TuningStepOptions {
  readonly engine: Engine;
  readonly model: LanguageModel;
  readonly initial: ParameterValues;
  readonly sequences: readonly LabelledSequence[];
  readonly batches: LabelBatchOptions;
  readonly learningRate: number;
  readonly epochs: number;
  /** Epochs without a better score after which training ends. */
  readonly patience: number;
  /** Time for all epochs: as many are planned as fit into it, going by those that were done. */
  readonly budgetMs: number;
  readonly seed: number;
  /** The score of parameters on examples that training does not see: more is better. */
  readonly validate: (parameters: ParameterValues) => Promise<number>;
  readonly onEpoch?: (report: EpochReport) => void;
  readonly signal?: AbortSignal;
}

/** What an epoch came to. */
export interface EpochReport {
  /** From 1. */
  readonly epoch: number;
  readonly lossNats: number;
  /** Share of labels that were predicted right while training. */
  readonly accuracy: number;
  readonly validationScore: number;
  readonly elapsedMs: number;
}

export interface TuningOutcome {
  /** Those of the best epoch. */
  readonly parameters: ParameterValues;
  readonly epochs: readonly EpochReport[];
  readonly bestEpoch: number;
  readonly steps: number;
  readonly elapsedMs: number;
}

/** Share of all steps in which the learning rate rises. */
const WARMUP_SHARE = 0.06;

/** What the highest learning rate is multiplied by at a step, from 0: it rises, then falls to the end of the plan. */
export function tuningRate(step: number, plannedSteps: number): number {
  const warmup = Math.max(1, Math.floor(WARMUP_SHARE * plannedSteps));
  const rise = (step + 1) / warmup;
  const fall = (plannedSteps - step) / Math.max(1, plannedSteps - warmup);
  return Math.max(0, Math.min(1, rise, fall));
}

/** Epochs to plan for after some of them: as many as the budget holds at their pace, at most `most`. */
export function plannedEpochs(done: number, elapsedMs: number, budgetMs: number, most: number): number {
  return Math.max(done, Math.min(most, Math.floor((budgetMs * done) / elapsedMs)));
}

/**
 * Trains a classifier epoch by epoch, linear warm-up then linear decay over the epochs that the budget holds, at most all,
 * and keeps the parameters of the epoch with the best validation score (early stopping, Prechelt 1998, criterion UP).
 */
export async function runTuning(run: TuningRun): Promise<TuningOutcome> {
  const tuner = new Tuner(run);
  const started = performance.now();
  const epochs: EpochReport[] = [];
  let best = { score: Number.NEGATIVE_INFINITY, epoch: 0, parameters: run.initial };
  let planned = run.epochs;
  for (let epoch = 1; epoch <= planned && !run.signal?.aborted; epoch++) {
    const { lossNats, accuracy } = await tuner.epoch(epoch, planned);
    const parameters = await tuner.parameters();
    const validationScore = await run.validate(parameters);
    const elapsedMs = performance.now() - started;
    epochs.push({ epoch, lossNats, accuracy, validationScore, elapsedMs });
    run.onEpoch?.({ epoch, lossNats, accuracy, validationScore, elapsedMs });
    if (validationScore > best.score) best = { score: validationScore, epoch, parameters };
    if (epoch - best.epoch >= run.patience) break;
    planned = plannedEpochs(epoch, elapsedMs, run.budgetMs, run.epochs);
  }
  await tuner.release();
  const { parameters, epoch: bestEpoch } = best;
  return { parameters, epochs, bestEpoch, steps: tuner.steps, elapsedMs: performance.now() - started };
}

/** Runs one-step programs, one for each shape of batch, and carries the state from one to the next. */
class Tuner {
  steps = 0;
  private readonly programs = new Map<string, LoadedProgram>();
  private current: LoadedProgram | undefined;

  constructor(private readonly run: TuningRun) {}

  /** One pass over the examples; the mean loss and accuracy of its batches. */
  async epoch(
    epoch: number,
    plannedEpochs: number,
  ): Promise<{ readonly lossNats: number; readonly accuracy: number }> {
    const { sequences, batches: options, seed, signal } = this.run;
    const batches = labelBatches(sequences, options, { seed, epoch });
    let [lossNats, accuracy, done] = [0, 0, 0];
    for (const batch of batches) {
      if (signal?.aborted) break;
      const metrics = await this.step(batch, batches.length * plannedEpochs);
      lossNats += Number(metrics.lossNats?.data[0]);
      accuracy += Number(metrics.accuracy?.data[0]);
      done++;
    }
    return { lossNats: lossNats / Math.max(1, done), accuracy: accuracy / Math.max(1, done) };
  }

  /** The parameters reached; those that training does not touch are the initial ones. */
  async parameters(): Promise<ParameterValues> {
    const { initial } = this.run;
    const names = [...initial.keys()].filter((name) =>
      this.current?.program.inputs.some((port) => port.name === name),
    );
    const state = (await this.current?.readState(names)) ?? {};
    return new Map(
      [...initial].map(([name, { shape, data }]): [string, ParameterValue] => {
        const reached = state[name]?.data;
        return [name, { shape, data: reached instanceof Float32Array ? reached : data }];
      }),
    );
  }

  async release(): Promise<void> {
    for (const loaded of this.programs.values()) await loaded.release();
  }

  private async step(batch: LabelBatch, plannedSteps: number): Promise<TensorValues> {
    const loaded = await this.programFor(batch);
    const rate = this.run.learningRate * tuningRate(this.steps, plannedSteps);
    this.steps++;
    const scalars = adamWScalars(this.steps, rate, this.run.optimizer);
    const rows = batch.labels.length;
    const { batchSize: B, sequenceLength: T } = batch.shape;
    const feeds: TensorValues = {
      inputIds: { dtype: 'int32', shape: [B, T], data: batch.inputIds },
      attentionMask: { dtype: 'int32', shape: [B, T], data: batch.attentionMask },
      labels: { dtype: 'int32', shape: [rows], data: batch.labels },
      weights: floats([rows], batch.weights),
    };
    return loaded.steps([{ feeds, scalars }]);
  }

  /** The program for a batch's shape, with the state in it. */
  private async programFor({ shape }: LabelBatch): Promise<LoadedProgram> {
    const key = `${shape.batchSize}x${shape.sequenceLength}`;
    const known = this.programs.get(key);
    const loaded = known ?? (await this.load(key, shape));
    if (this.current === undefined) await loaded.writeState(this.initialState(loaded));
    else if (this.current !== loaded) await loaded.takeState(this.current);
    this.current = loaded;
    return loaded;
  }

  private async load(key: string, shape: LabelBatch['shape']): Promise<LoadedProgram> {
    const step = tuningStep(this.run.model, shape, this.run);
    const loaded = await loadStep(this.run.engine, step, this.run);
    this.programs.set(key, loaded);
    return loaded;
  }

  /** Parameters as given, for the inputs that the program has; moments begin as zeros. */
  private initialState({ program }: LoadedProgram): TensorValues {
    const wanted = new Set(program.inputs.map(({ name }) => name));
    const state: Record<string, TensorValue> = {};
    for (const [name, { shape, data }] of this.run.initial) {
      if (wanted.has(name)) state[name] = floats(shape, data);
    }
    return state;
  }
}

function floats(shape: readonly number[], data: Float32Array): TensorValue {
  return { dtype: 'float32', shape, data };
}
