import { FormatError, sameShape } from '../core/index.js';
import type { LanguageModel } from './language-model.js';
import type { ParameterValue, ParameterValues } from './parameters.js';

/** A token that a vocabulary has gained. */
export interface NewToken {
  readonly id: number;
  /** Ids of the old tokens that it stands for, in order. */
  readonly pieces: readonly number[];
  readonly occurrences: number;
}

/** Most of a first piece's occurrences that one new token may take over. */
const LARGEST_SHARE = 0.99;

/**
 * Parameters for a larger vocabulary. A new token's embedding is the mean of those of its old pieces. The decoder bias
 * keeps the probability of a word's beginning where it was: of what the first piece had, exp(bias), the new token
 * gets the share of its occurrences in which it began this word, and the piece keeps the rest (`counts`: occurrences of the
 * old ids). `model` is the one with the larger vocabulary. Throws a FormatError for a parameter that does not fit.
 */
export function extendParameters(
  model: LanguageModel,
  values: ParameterValues,
  added: readonly NewToken[],
  counts: ArrayLike<number>,
): ParameterValues {
  const extended = new Map<string, ParameterValue>();
  for (const { name, shape } of model.parameters) {
    const value = values.get(name);
    if (value && sameShape(value.shape, shape)) {
      extended.set(name, value);
      continue;
    }
    const fits =
      value && sameShape(value.shape.slice(1), shape.slice(1)) && value.data.length < sizeOf(shape);
    if (!fits)
      throw new FormatError(`'${name}': expected [${shape}] or fewer rows, got [${value?.shape ?? 'none'}]`);
    const data = new Float32Array(sizeOf(shape));
    data.set(value.data);
    if (name === model.decoderBias) setBiases(data, added, counts);
    else for (const { id, pieces } of added) setMeanRow(data, id, pieces, sizeOf(shape.slice(1)));
    extended.set(name, { shape, data });
  }
  return extended;
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

function setMeanRow(data: Float32Array, id: number, pieces: readonly number[], width: number): void {
  for (const piece of pieces) {
    for (let column = 0; column < width; column++) {
      const place = id * width + column;
      data[place] = (data[place] as number) + (data[piece * width + column] as number) / pieces.length;
    }
  }
}

function setBiases(bias: Float32Array, added: readonly NewToken[], counts: ArrayLike<number>): void {
  const taken = new Map<number, number>();
  for (const { pieces, occurrences } of added) {
    const [first = 0] = pieces;
    taken.set(first, (taken.get(first) ?? 0) + occurrences);
  }
  const before = bias.slice();
  for (const { id, pieces, occurrences } of added) {
    const [first = 0] = pieces;
    const share = Math.min(LARGEST_SHARE, occurrences / Math.max(1, counts[first] ?? 0));
    bias[id] = (before[first] as number) + Math.log(share);
  }
  for (const [first, occurrences] of taken) {
    const share = Math.min(LARGEST_SHARE, occurrences / Math.max(1, counts[first] ?? 0));
    bias[first] = (before[first] as number) + Math.log(1 - share);
  }
}
