import {
  add,
  addScalar,
  cast,
  div,
  gatherRows,
  log,
  mul,
  neg,
  positive,
  reduceSum,
  reshape,
  shift,
  sqrt,
  sub,
  type Tensor,
} from '../../graph/index.js';
import type { EncoderInputs } from '../language-model.js';
import { hashNumbers, modulo, numberTable } from './hashing.js';

/** How many features a text can have: its tokens, and pairs of neighbours hashed into a number of rows. */
export interface WideSizes {
  readonly vocabSize: number;
  readonly pairRows: number;
}

/** Some of the features of a text, and their values: f32 of unit length. */
export interface SparseFeatures {
  readonly rows: Int32Array;
  readonly values: Float32Array;
}

/** log(1 + count) of features, to unit length. */
export function unitLogCounts(counts: ReadonlyMap<number, number>): SparseFeatures {
  const values = Float32Array.from(counts.values(), (count) => Math.log1p(count));
  const length = Math.hypot(...values) || 1;
  return { rows: Int32Array.from(counts.keys()), values: values.map((value) => value / length) };
}

/** What the first and the second token of a pair add to its row. */
const pairHashes = ({ vocabSize, pairRows }: WideSizes): readonly [Int32Array, Int32Array] => [
  hashNumbers(vocabSize, pairRows, pairRows, 0),
  hashNumbers(vocabSize, pairRows, pairRows, 1),
];

/** The features of texts without a graph; `wideLogits` has the same in one. */
export function wideFeatures(sizes: WideSizes): (inputIds: Int32Array) => SparseFeatures {
  const { vocabSize, pairRows } = sizes;
  const [firsts, seconds] = pairHashes(sizes);
  return (inputIds) => {
    const counts = new Map<number, number>();
    const count = (row: number) => counts.set(row, (counts.get(row) ?? 0) + 1);
    inputIds.forEach(count);
    for (let place = 1; place < inputIds.length; place++) {
      const sum =
        (firsts[inputIds[place - 1] as number] as number) + (seconds[inputIds[place] as number] as number);
      count(vocabSize + (sum % pairRows));
    }
    return unitLogCounts(counts);
  };
}

/**
 * Logits f32[B, C] of a linear model on log(1 + count) of tokens and of pairs of neighbours, to unit length: table
 * f32[V + pairRows, C], bias f32[C].
 */
export function wideLogits(table: Tensor, bias: Tensor, inputs: EncoderInputs, sizes: WideSizes): Tensor {
  const [B, T] = inputs.inputIds.shape as readonly [number, number];
  const tokens = tokenPlaces(inputs);
  const kinds = T > 1 ? [tokens, pairPlaces(inputs, tokens.isThere, sizes)] : [tokens];
  const parts = kinds.map((places) => contribution(table, places, [B, T]));
  const sum = parts.map((part) => part.sum).reduce((a, b) => add(a, b)); // [B, C]
  const squares = parts.map((part) => part.squares).reduce((a, b) => add(a, b)); // [B, 1]
  return add(div(sum, sqrt(squares)), bias);
}

/** The rows of one kind of feature at every place of sequences, f32[B, T, 1] whole numbers, and where there is one. */
interface Places {
  readonly rows: Tensor;
  /** f32[B, T, 1], 1 or 0. */
  readonly isThere: Tensor;
}

function tokenPlaces({ inputIds, attentionMask }: EncoderInputs): Places {
  const [B, T] = inputIds.shape as readonly [number, number];
  const rows = reshape(cast(inputIds, 'float32'), [B, T, 1]);
  const isThere = attentionMask
    ? reshape(cast(attentionMask, 'float32'), [B, T, 1])
    : addScalar(sub(rows, rows), 1);
  return { rows, isThere };
}

/** A pair is where its second token is. */
function pairPlaces({ inputIds }: EncoderInputs, isToken: Tensor, sizes: WideSizes): Places {
  const [B, T] = inputIds.shape as readonly [number, number];
  const { vocabSize, pairRows } = sizes;
  const hashed = (numbers: Int32Array) =>
    reshape(gatherRows(numberTable(inputIds.node.graph, numbers), inputIds), [B, T, 1]);
  const [firsts, seconds] = pairHashes(sizes);
  const sum = add(shift(hashed(firsts), -1), hashed(seconds)); // below 2 * pairRows
  return { rows: addScalar(modulo(sum, pairRows), vocabSize), isThere: mul(isToken, shift(isToken, -1)) };
}

/**
 * What the features at some places come to: the sum of their rows of the table f32[B, C], each times log(1 + count), and
 * the sum of the squares of these values f32[B, 1]. A feature that is at n places is counted at each of them as an nth.
 */
function contribution(
  table: Tensor,
  { rows, isThere }: Places,
  [B, T]: readonly [number, number],
): { readonly sum: Tensor; readonly squares: Tensor } {
  const distance = sub(rows, reshape(rows, [B, 1, T])); // [B, T, T]
  const isSame = addScalar(neg(positive(mul(distance, distance))), 1);
  const counts = reduceSum(mul(isSame, reshape(isThere, [B, 1, T])), [2], true); // [B, T, 1], 0 only where nothing is
  const share = div(isThere, add(counts, addScalar(neg(isThere), 1)));
  const value = log(addScalar(counts, 1));
  const found = reshape(gatherRows(table, cast(reshape(rows, [B, T]), 'int32')), [B, T, -1]);
  return {
    sum: reduceSum(mul(found, mul(share, value)), [1]),
    squares: reduceSum(mul(share, mul(value, value)), [1]),
  };
}
