import type { Matrix } from 'ml-matrix';
import { ConfigError, RandomPurpose, RandomStream } from '../core/index.js';
import { calibrateScale, type Triple } from './counts/calibrate.js';
import { smallSvd } from './counts/dense.js';
import {
  type NeighbourVectors,
  neighbourVectors,
  type PairCounts,
  positivePmi,
} from './counts/word-vectors.js';
import type { ParameterValues } from './parameters.js';

const EMBEDDINGS = 'model.embeddings.tok_embeddings.weight';

/** What was counted in the training split. */
export interface TrainingCounts {
  /** Occurrences of every id, [V]. */
  readonly unigrams: ArrayLike<number>;
  readonly pairs: PairCounts;
  /** Words with their neighbours, drawn from the training split, to set the scale of the logits. */
  readonly triples: readonly Triple[];
  /** Ids that are never predicted. */
  readonly specialIds: readonly number[];
  /** Special ids that say nothing as neighbours either: all but [CLS] and [SEP]. */
  readonly silentIds: readonly number[];
}

/** What count initialisation needs to know of a model. */
export interface CountedModel {
  readonly vocabSize: number;
  readonly hiddenSize: number;
  readonly numAttentionHeads: number;
  /** Activation of the prediction head. */
  readonly classifierActivation: string;
}

/** Root mean square of what the neighbour heads add to a normalised residual stream. */
const NEIGHBOUR_OUTPUT_RMS = 2;

/** Stream of random numbers apart from those that parameters are drawn from. */
const COUNTS_STREAM = 0xffff;

/**
 * Count initialisation: the model starts as a log-bilinear cloze model of its own corpus. Token embeddings become
 * neighbour vectors (the factorised PMI of neighbours); the value and output projections of the first block's two
 * neighbour heads become the maps that predict a word from the vectors beside it; the head's dense layer becomes the
 * identity. Everything else stays as drawn. Changes `values` in place.
 *
 * Throws a ConfigError unless the first two heads are neighbour heads (+1, -1) and the head activation is linear.
 */
export function initialiseFromCounts(
  values: ParameterValues,
  config: CountedModel,
  seed: number,
  counts: TrainingCounts,
): void {
  if (config.classifierActivation !== 'linear' || config.numAttentionHeads < 2) {
    throw new ConfigError(
      'count initialisation needs a linear head activation and at least two attention heads',
    );
  }
  const { vocabSize: V, hiddenSize: H } = config;
  const random = new RandomStream(seed, RandomPurpose.initialisation, COUNTS_STREAM);
  const frequencies = Float64Array.from({ length: V }, (_, id) => counts.unigrams[id] ?? 0);
  const pmi = positivePmi(counts.pairs, V, counts.silentIds);
  const vectors = neighbourVectors(pmi, frequencies, H, random);
  const scale = calibrateScale(vectors, logFrequencies(frequencies, counts.specialIds), counts.triples);
  setEmbeddings(data(values, EMBEDDINGS), vectors.output, scale, H, counts.silentIds);
  setNeighbourHeads(values, config, vectors, outputScale(vectors, frequencies));
  setIdentity(data(values, 'head.dense.weight'), H);
}

function data(values: ParameterValues, name: string): Float32Array {
  const value = values.get(name);
  if (!value) throw new ConfigError(`parameter '${name}' is missing`);
  return value.data;
}

function logFrequencies(frequencies: Float64Array, specialIds: readonly number[]): Float64Array {
  const logs = frequencies.map((count) => Math.log(count + 1));
  for (const id of specialIds) logs[id] = Number.NEGATIVE_INFINITY;
  return logs;
}

function setEmbeddings(
  embeddings: Float32Array,
  output: Float64Array,
  scale: number,
  width: number,
  keptIds: readonly number[],
): void {
  const kept = new Set(keptIds);
  for (let index = 0; index < embeddings.length; index++) {
    if (!kept.has(Math.floor(index / width))) embeddings[index] = scale * (output[index] as number);
  }
}

/** The factor that gives what a neighbour contributes the wanted root mean square, on average over words. */
function outputScale({ input, right }: NeighbourVectors, frequencies: Float64Array): number {
  const width = right.rows;
  const map = right.to2DArray();
  let [weighted, total] = [0, 0];
  for (const [id, count] of frequencies.entries()) {
    const vector = input.subarray(id * width, (id + 1) * width);
    let squares = 0;
    for (const row of map)
      squares += vector.reduce((sum, value, column) => sum + value * (row[column] as number), 0) ** 2;
    weighted += count * Math.sqrt(squares / width);
    total += count;
  }
  return (NEIGHBOUR_OUTPUT_RMS * total) / weighted;
}

/** Head 0 looks right, head 1 left: values and output of each factor the rank-D part of its map. */
function setNeighbourHeads(
  values: ParameterValues,
  config: CountedModel,
  vectors: NeighbourVectors,
  factor: number,
): void {
  const { hiddenSize: H, numAttentionHeads: A } = config;
  const D = H / A;
  const projection = data(values, 'model.layers.0.attn.Wqkv.weight');
  const output = data(values, 'model.layers.0.attn.Wo.weight');
  const maps: readonly Matrix[] = [vectors.right, vectors.left];
  for (const [head, map] of maps.entries()) {
    const { u, s, v } = smallSvd(map);
    for (let channel = 0; channel < D; channel++) {
      const root = Math.sqrt(factor * (s[channel] as number));
      for (let index = 0; index < H; index++) {
        projection[(2 * H + head * D + channel) * H + index] = root * v.get(index, channel);
        output[index * H + head * D + channel] = root * u.get(index, channel);
      }
    }
  }
}

function setIdentity(matrix: Float32Array, width: number): void {
  matrix.fill(0);
  for (let index = 0; index < width; index++) matrix[index * width + index] = 1;
}
