import { ConfigError, RandomPurpose, RandomStream, shuffleInPlace } from '../core/index.js';
import {
  type MaskedSequence,
  type MaskingPolicy,
  type MaskingVocabulary,
  maskSequence,
} from '../masking/index.js';
import type { PackedSequences } from './pack.js';

/** One batch of exercises, of fixed size. */
export interface Batch {
  /** i32[B * T] */
  readonly inputIds: Int32Array;
  /** Rows of B * T to predict, i32[M]. */
  readonly positions: Int32Array;
  /** i32[M] */
  readonly labels: Int32Array;
  /** 1 for a prediction, 0 for padding up to M, f32[M]. */
  readonly weights: Float32Array;
  /** Predictions that are not padding. */
  readonly maskedCount: number;
}

/** The sizes of every batch of a run. */
export interface BatchPlan {
  /** B */
  readonly batchSize: number;
  /** T */
  readonly sequenceLength: number;
  /** M */
  readonly predictionsPerBatch: number;
}

export interface BatchOptions {
  readonly plan: BatchPlan;
  readonly seed: number;
  readonly vocabulary: MaskingVocabulary;
  readonly policy: MaskingPolicy;
}

/** The rows of one training run in the order they are seen: shuffled anew in every epoch by the seed. */
export class EpochOrder {
  private epoch = -1;
  private order = new Uint32Array(0);

  constructor(
    private readonly count: number,
    private readonly seed: number,
  ) {}

  /** Epoch and row of the `index`-th sequence of the run: a pure function of seed and index. */
  at(index: number): { readonly epoch: number; readonly row: number } {
    const epoch = Math.floor(index / this.count);
    if (epoch !== this.epoch) {
      const identity = Uint32Array.from({ length: this.count }, (_, row) => row);
      this.order = shuffleInPlace(identity, new RandomStream(this.seed, RandomPurpose.shuffling, epoch));
      this.epoch = epoch;
    }
    return { epoch, row: this.order[index % this.count] as number };
  }
}

/** The training batch of a step: a pure function of data, seed and step (the order only caches a permutation). */
export function makeBatch(
  data: PackedSequences,
  order: EpochOrder,
  step: number,
  options: BatchOptions,
): Batch {
  const { batchSize } = options.plan;
  const sequences = Array.from({ length: batchSize }, (_, offset) => {
    const { epoch, row } = order.at(step * batchSize + offset);
    return maskRow(data, row, epoch, RandomPurpose.masking, options);
  });
  return assemble(sequences, options.plan);
}

/** Every row once, in order, under masks that the seed fixes; the last batch is completed by rows without masks. */
export function* evaluationBatches(data: PackedSequences, options: BatchOptions): Generator<Batch> {
  const { batchSize } = options.plan;
  for (let start = 0; start < data.count; start += batchSize) {
    const rows = Array.from(
      { length: Math.min(batchSize, data.count - start) },
      (_, offset) => start + offset,
    );
    const sequences = rows.map((row) => maskRow(data, row, 0, RandomPurpose.evaluation, options));
    yield assemble(sequences, options.plan);
  }
}

function maskRow(
  data: PackedSequences,
  row: number,
  epoch: number,
  purpose: typeof RandomPurpose.masking | typeof RandomPurpose.evaluation,
  { seed, vocabulary, policy }: BatchOptions,
): MaskedSequence {
  return maskSequence(data.row(row), vocabulary, policy, { seed, epoch, sequenceIndex: row, purpose });
}

/**
 * Puts sequences one after the other; places left over for rows repeat the last one, and places left over for
 * predictions repeat the last prediction with weight 0.
 */
function assemble(sequences: readonly MaskedSequence[], plan: BatchPlan): Batch {
  const { batchSize, sequenceLength: T, predictionsPerBatch: M } = plan;
  const inputIds = new Int32Array(batchSize * T);
  const [positions, labels, weights] = [new Int32Array(M), new Int32Array(M), new Float32Array(M)];
  let count = 0;
  for (let index = 0; index < batchSize; index++) {
    const sequence = sequences[Math.min(index, sequences.length - 1)] as MaskedSequence;
    inputIds.set(sequence.inputIds, index * T);
    if (index >= sequences.length) continue;
    if (count + sequence.positions.length > M) {
      throw new ConfigError(
        `a batch has room for ${M} predictions, needs more: the plan does not fit the masking rate`,
      );
    }
    for (const [mask, position] of sequence.positions.entries()) {
      positions[count] = index * T + position;
      labels[count] = sequence.labels[mask] as number;
      weights[count] = 1;
      count++;
    }
  }
  positions.fill(positions[count - 1] as number, count);
  labels.fill(labels[count - 1] as number, count);
  return { inputIds, positions, labels, weights, maskedCount: count };
}
