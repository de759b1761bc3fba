import { RandomPurpose, RandomStream, shuffleInPlace } from '../core/index.js';

/** A sequence of tokens with what is to be said of it: one label for the text, or one for each of its tokens. */
export interface LabelledSequence {
  /** Special tokens included. */
  readonly inputIds: Int32Array;
  /** One, or as many as tokens; -100 where nothing is to be said. */
  readonly labels: Int32Array;
}

/** Ids of labels that do not count, as in PyTorch. */
export const NO_LABEL = -100;

/** Sizes of a batch: one of a few, so that few programs are compiled. */
export interface LabelShape {
  /** B */
  readonly batchSize: number;
  /** T */
  readonly sequenceLength: number;
}

/** A batch of one shape; rows left over are padding of weight 0. */
export interface LabelBatch {
  readonly shape: LabelShape;
  /** i32[B * T] */
  readonly inputIds: Int32Array;
  /** i32[B * T], 1 for a token */
  readonly attentionMask: Int32Array;
  /** i32[R] for R = B texts or R = B * T tokens, 0 where nothing is to be said */
  readonly labels: Int32Array;
  /** f32[R]: they sum to 1 */
  readonly weights: Float32Array;
  /** Which sequences its rows are, in order. */
  readonly sequences: readonly number[];
}

export interface LabelBatchOptions {
  readonly labelsEach: 'text' | 'token';
  readonly padId: number;
  /** Tokens in a batch, about. */
  readonly batchTokens: number;
  /** Longest sequence that the model reads. */
  readonly maxTokens: number;
  /** Hides tokens in training, anew in every epoch. */
  readonly tokenDropout?: TokenDropout;
}

/** Tokens between the first and the last of a sequence are replaced by [MASK] at a rate (word dropout, Iyyer et al. 2015). */
export interface TokenDropout {
  readonly rate: number;
  readonly maskId: number;
}

const SHORTEST = 16;

/** The shape for a sequence of some length: the length rounded up to a power of two, or one and a half of one. */
export function labelShape(length: number, { batchTokens, maxTokens }: LabelBatchOptions): LabelShape {
  let sequenceLength = SHORTEST;
  while (sequenceLength < length)
    sequenceLength += sequenceLength / (Number.isInteger(Math.log2(sequenceLength)) ? 2 : 3);
  sequenceLength = Math.min(sequenceLength, maxTokens);
  return { batchSize: Math.max(1, Math.floor(batchTokens / sequenceLength)), sequenceLength };
}

/** All sequences in batches of like lengths; with a seed and epoch in an order that they fix, else in the given one. */
export function labelBatches(
  sequences: readonly LabelledSequence[],
  options: LabelBatchOptions,
  order?: { readonly seed: number; readonly epoch: number },
): LabelBatch[] {
  const random = order && new RandomStream(order.seed, RandomPurpose.shuffling, order.epoch);
  const places = Uint32Array.from(sequences.keys());
  if (random) shuffleInPlace(places, random);
  const buckets = new Map<number, { shape: LabelShape; members: number[] }>();
  for (const place of places) {
    const shape = labelShape((sequences[place] as LabelledSequence).inputIds.length, options);
    const bucket = buckets.get(shape.sequenceLength) ?? { shape, members: [] };
    bucket.members.push(place);
    buckets.set(shape.sequenceLength, bucket);
  }
  const batches: LabelBatch[] = [];
  for (const { shape, members } of buckets.values()) {
    for (let start = 0; start < members.length; start += shape.batchSize) {
      batches.push(assemble(sequences, members.slice(start, start + shape.batchSize), shape, options));
    }
  }
  if (!random) return batches;
  if (options.tokenDropout) for (const batch of batches) hideTokens(batch, options.tokenDropout, random);
  const turn = shuffleInPlace(Uint32Array.from(batches.keys()), random);
  return Array.from(turn, (index) => batches[index] as LabelBatch);
}

function assemble(
  sequences: readonly LabelledSequence[],
  members: readonly number[],
  shape: LabelShape,
  { labelsEach, padId }: LabelBatchOptions,
): LabelBatch {
  const { batchSize, sequenceLength } = shape;
  const perSequence = labelsEach === 'text' ? 1 : sequenceLength;
  const inputIds = new Int32Array(batchSize * sequenceLength).fill(padId);
  const attentionMask = new Int32Array(batchSize * sequenceLength);
  const given = new Int32Array(batchSize * perSequence).fill(NO_LABEL);
  for (const [row, member] of members.entries()) {
    const { inputIds: ids, labels } = sequences[member] as LabelledSequence;
    inputIds.set(ids, row * sequenceLength);
    attentionMask.fill(1, row * sequenceLength, row * sequenceLength + ids.length);
    given.set(labels, row * perSequence);
  }
  // Rows of nothing but padding would attend to nothing: their first place counts as a token.
  for (let row = members.length; row < batchSize; row++) attentionMask[row * sequenceLength] = 1;
  const count = given.reduce((sum, label) => sum + Number(label !== NO_LABEL), 0);
  const weights = Float32Array.from(given, (label) => (label === NO_LABEL ? 0 : 1 / count));
  const labels = given.map((label) => (label === NO_LABEL ? 0 : label));
  return { shape, inputIds, attentionMask, labels, weights, sequences: members };
}

function hideTokens(
  { shape, inputIds, attentionMask }: LabelBatch,
  { rate, maskId }: TokenDropout,
  random: RandomStream,
): void {
  const { batchSize, sequenceLength } = shape;
  for (let row = 0; row < batchSize; row++) {
    const start = row * sequenceLength;
    let end = start;
    while (end < start + sequenceLength && attentionMask[end] === 1) end++;
    for (let place = start + 1; place < end - 1; place++) {
      if (random.nextFloat() < rate) inputIds[place] = maskId;
    }
  }
}
