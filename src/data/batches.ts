import {
  ConfigError,
  RandomPurpose,
  type RandomPurposeId,
  RandomStream,
  SeededPermutation,
} from '../core/index.js';
import {
  type MaskedSequence,
  type Masker,
  type MaskingPolicy,
  type MaskingVocabulary,
  maskSequence,
} from '../masking/index.js';
import type { PackedSequences } from './rows.js';

/** One batch of exercises, of fixed size. */
export interface Batch {
  /** i32[B * T] */
  readonly inputIds: Int32Array;
  /** Places in `inputIds` to predict, i32[M]. */
  readonly positions: Int32Array;
  /** i32[M] */
  readonly labels: Int32Array;
  /** 1 for a prediction, 0 for padding up to M, f32[M]. */
  readonly weights: Float32Array;
  /** Predictions that are not padding. */
  readonly maskedCount: number;
  /** What is added to the logit of each label, f32[M], for a model that knows counts of the text it is trained on. */
  readonly corrections?: Float32Array;
}

/** The order in which batches take rows. */
export type RowOrder = Pick<EpochOrder, 'at'>;

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
  /** Masks training batches instead of uniform masking by `policy`; evaluations always have that. */
  readonly masker?: Masker | undefined;
  /** Micro-batches of an optimizer step, whose steps a masker counts; 1 unless told. */
  readonly microBatches?: number | undefined;
}

/** The rows of one training run in the order they are seen: shuffled anew in every epoch by the seed, without a list. */
export class EpochOrder {
  private epoch = -1;
  private permutation: SeededPermutation | undefined;

  constructor(
    private readonly count: number,
    private readonly seed: number,
  ) {}

  /** Epoch and row of the `index`-th sequence of the run: a pure function of count, seed and index. */
  at(index: number): { readonly epoch: number; readonly row: number } {
    const epoch = Math.floor(index / this.count);
    if (epoch !== this.epoch || !this.permutation) {
      this.permutation = new SeededPermutation(this.count, this.seed, RandomPurpose.shuffling, epoch);
      this.epoch = epoch;
    }
    return { epoch, row: this.permutation.at(index % this.count) };
  }
}

/**
 * The training batch of a step: a pure function of its arguments (`order` only caches a permutation). Epochs follow each
 * other without a gap.
 */
export function makeBatch(
  data: PackedSequences,
  order: RowOrder,
  step: number,
  options: BatchOptions,
): Batch {
  const { plan, masker, seed, microBatches = 1 } = options;
  const { batchSize } = plan;
  const sequences = Array.from({ length: batchSize }, (_, offset) => {
    const { epoch, row } = order.at(step * batchSize + offset);
    if (masker) {
      const address = { seed, epoch, sequenceIndex: row, step: Math.floor(step / microBatches) };
      return masker.mask(data.row(row), address, data.wordStarts?.(row));
    }
    return maskRow(data, row, { epoch, purpose: RandomPurpose.masking }, options);
  });
  return assemble(sequences, options);
}

/** Every row once, in order, under masks that the seed fixes; the last batch is completed by rows without predictions. */
export function* evaluationBatches(data: PackedSequences, options: BatchOptions): Generator<Batch, void> {
  const { batchSize } = options.plan;
  for (let start = 0; start < data.count; start += batchSize) {
    const rows = Array.from(
      { length: Math.min(batchSize, data.count - start) },
      (_, offset) => start + offset,
    );
    const sequences = rows.map((row) =>
      maskRow(data, row, { epoch: 0, purpose: RandomPurpose.evaluation }, options),
    );
    yield assemble(sequences, options);
  }
}

/** `count` rows that the seed and `step` draw, under uniform masks that they fix: what a model under way is probed on. */
export function* sampledBatches(
  data: PackedSequences,
  { count, step }: { readonly count: number; readonly step: number },
  options: BatchOptions,
): Generator<Batch, void> {
  const { batchSize } = options.plan;
  const random = new RandomStream(options.seed, RandomPurpose.sampling, step, 1);
  for (let done = 0; done < count; done += batchSize) {
    const rows = Array.from({ length: Math.min(batchSize, count - done) }, () => random.nextInt(data.count));
    const address = { epoch: step, purpose: RandomPurpose.sampling };
    yield assemble(
      rows.map((row) => maskRow(data, row, address, options)),
      options,
    );
  }
}

function maskRow(
  data: PackedSequences,
  row: number,
  { epoch, purpose }: { readonly epoch: number; readonly purpose: RandomPurposeId },
  { plan, seed, vocabulary, policy }: BatchOptions,
): MaskedSequence {
  if (data.sequenceLength !== plan.sequenceLength) {
    throw new ConfigError(
      `the plan is for sequences of ${plan.sequenceLength} tokens, the data has ${data.sequenceLength}`,
    );
  }
  return maskSequence(data.row(row), vocabulary, policy, { seed, epoch, sequenceIndex: row, purpose });
}

/**
 * Puts sequences one after the other. Rows left over repeat the last sequence; predictions left over have weight 0, at
 * place 0 with an ordinary token for a label, so that their loss is finite.
 */
function assemble(sequences: readonly MaskedSequence[], { plan, vocabulary }: BatchOptions): Batch {
  const { batchSize, sequenceLength: T, predictionsPerBatch: M } = plan;
  const needed = sequences.reduce((sum, { positions }) => sum + positions.length, 0);
  if (needed > M) {
    throw new ConfigError(`a batch has room for ${M} predictions but needs ${needed}: see maskedCountBound`);
  }
  const inputIds = new Int32Array(batchSize * T);
  for (let row = 0; row < batchSize; row++) {
    inputIds.set((sequences[row] ?? (sequences.at(-1) as MaskedSequence)).inputIds, row * T);
  }
  const [positions, labels] = [new Int32Array(M), new Int32Array(M).fill(ordinaryId(vocabulary))];
  let count = 0;
  for (const [row, sequence] of sequences.entries()) {
    positions.set(
      sequence.positions.map((position) => row * T + position),
      count,
    );
    labels.set(sequence.labels, count);
    count += sequence.positions.length;
  }
  return { inputIds, positions, labels, weights: new Float32Array(M).fill(1, 0, count), maskedCount: count };
}

/** The smallest id that is not special. */
function ordinaryId({ specialIds }: MaskingVocabulary): number {
  let id = 0;
  while (specialIds.includes(id)) id++;
  return id;
}
