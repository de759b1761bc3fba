import { describe, expect, it } from 'vitest';
import { constant, evaluate, Graph, gradients, type NdArray, reduceSum } from '../../graph/index.js';
import { initialParameters } from '../initialise.js';
import { type LanguageModel, lastOf } from '../language-model.js';
import { declareParameters, type ParameterValues } from '../parameters.js';
import { tinySizes } from '../testing/index.js';
import { modernBert } from './modernbert.js';
import { modernBertNgrams } from './modernbert-ngrams.js';

const H = tinySizes.hiddenSize;
const TABLE = 'model.ngrams.table.weight';
const model = modernBertNgrams.create(tinySizes);

/** Fresh values; row r of the table says r in its first column. */
function numbered(): ParameterValues {
  const values = initialParameters(model, { seed: 1 });
  const table = values.get(TABLE)?.data as Float32Array;
  for (let row = 0; row * H < table.length; row++) table[row * H] = row;
  return values;
}

function statesOf(of: LanguageModel, ids: readonly number[], mask?: readonly number[]) {
  const graph = new Graph();
  const tensors = declareParameters(graph, of.parameters);
  const row = (numbers: readonly number[]) => constant(graph, Int32Array.from(numbers), [1, numbers.length]);
  const attentionMask = mask ? { attentionMask: row(mask) } : {};
  return { tensors, states: of.encode(tensors, { inputIds: row(ids), ...attentionMask }) };
}

const feedsOf = (values: ParameterValues) =>
  new Map<string, NdArray>(
    [...values].map(([name, { shape, data }]) => [name, { shape, data: Float64Array.from(data) }]),
  );

/** Embedded and last hidden states, f64[T, H] each, of one row of ids. */
function encoded(
  of: LanguageModel,
  values: ParameterValues,
  ids: readonly number[],
  mask?: readonly number[],
) {
  const { states } = statesOf(of, ids, mask);
  return evaluate([states[0], lastOf(states)], feedsOf(values)).map(({ data }) => [...data]) as [
    number[],
    number[],
  ];
}

/** Sum of the numbers of the rows that each position gets. */
function rowSums(ids: readonly number[], mask?: readonly number[]): number[] {
  const [withRows] = encoded(model, numbered(), ids, mask);
  const [without] = encoded(model, initialParameters(model, { seed: 1 }), ids, mask);
  return ids.map((_, at) => Math.round((withRows[at * H] as number) - (without[at * H] as number)));
}

describe('ModernBERT with a memory of n-grams', () => {
  it('begins as ModernBERT', () => {
    const values = initialParameters(model, { seed: 1, neighbourOffsets: [1, -1] });
    const plain = modernBert.create(tinySizes);
    const own = new Map([...values].filter(([name]) => !/mixing|ngrams/.test(name)));
    expect(own.size).toBe(plain.parameters.length);
    const ids = [2, 7, 8, 9, 3];
    expect(encoded(model, values, ids)).toEqual(encoded(plain, own, ids));
  });

  it('knows a position by the two tokens on each side of it, wherever it is, not by its own', () => {
    const sums = rowSums([2, 5, 6, 4, 7, 8, 9, 5, 6, 10, 7, 8, 3]);
    expect(sums[3]).toBe(sums[9]);
    expect(rowSums([2, 5, 6, 10, 7, 8, 3])[3]).toBe(sums[3]);
    for (const changed of [1, 2, 4, 5]) {
      const ids = [2, 5, 6, 4, 7, 8, 3];
      ids[changed] = 11;
      expect(rowSums(ids)[3], `position ${changed}`).not.toBe(sums[3]);
    }
    // Which side a pair is on matters.
    expect(rowSums([2, 7, 8, 4, 5, 6, 3])[3]).not.toBe(sums[3]);
  });

  it('has one gradient for each of the three rows of a position', () => {
    const { tensors, states } = statesOf(model, [2, 5, 6, 4, 7, 8, 3]);
    const table = tensors.get(TABLE);
    if (!table) throw new Error('no table');
    const [slopes] = evaluate(gradients(reduceSum(states[0], [0, 1]), [table]), feedsOf(numbered()));
    const touched = [...(slopes?.data ?? [])].filter((_, flat) => flat % H === 0);
    expect(touched.reduce((sum, slope) => sum + slope, 0)).toBe(3 * 7);
  });

  it('lets a causal twin see nothing of what follows', () => {
    const causal = model.withTask('text-generation');
    const [, before] = encoded(causal, numbered(), [2, 7, 8, 9]);
    const [, after] = encoded(causal, numbered(), [2, 7, 8, 10]);
    expect(after.slice(0, 3 * H)).toEqual(before.slice(0, 3 * H));
    expect(after.slice(3 * H)).not.toEqual(before.slice(3 * H));
  });

  it('takes no notice of padding', () => {
    const padded = rowSums([2, 7, 8, 3, 9, 9], [1, 1, 1, 1, 0, 0]);
    expect(padded.slice(0, 4)).toEqual(rowSums([2, 7, 8, 3]));
  });
});
