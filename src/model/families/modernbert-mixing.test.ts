import { describe, expect, it } from 'vitest';
import { RandomPurpose, RandomStream } from '../../core/index.js';
import { constant, evaluate, Graph, type NdArray } from '../../graph/index.js';
import { initialParameters } from '../initialise.js';
import { type LanguageModel, lastOf } from '../language-model.js';
import { declareParameters, type ParameterValues } from '../parameters.js';
import { tinySizes } from '../testing/index.js';
import { modernBert } from './modernbert.js';
import { modernBertMixing } from './modernbert-mixing.js';

const H = tinySizes.hiddenSize;
const model = modernBertMixing.create(tinySizes);

/** Fresh values with mixing weights that are not zero. */
function mixingValues(): ParameterValues {
  const random = new RandomStream(1, RandomPurpose.sampling);
  const values = initialParameters(model, { seed: 1 });
  for (const name of ['model.mixing.left.weight', 'model.mixing.right.weight']) {
    values.get(name)?.data.set(Float32Array.from({ length: H * H }, () => random.nextNormal()));
  }
  return values;
}

/** Hidden states of every layer, f64[T, H] each, of one row of ids. */
function encoded(
  of: LanguageModel,
  values: ParameterValues,
  ids: readonly number[],
  mask?: readonly number[],
) {
  const graph = new Graph();
  const tensors = declareParameters(graph, of.parameters);
  const row = (numbers: readonly number[]) => constant(graph, Int32Array.from(numbers), [1, numbers.length]);
  const states = of.encode(tensors, {
    inputIds: row(ids),
    ...(mask ? { attentionMask: row(mask) } : {}),
  });
  const feeds = new Map<string, NdArray>(
    [...values].map(([name, { shape, data }]) => [name, { shape, data: Float64Array.from(data) }]),
  );
  return evaluate([states[0], lastOf(states)], feeds).map(({ data }) => [...data]) as [number[], number[]];
}

describe('ModernBERT with token mixing', () => {
  it('begins as ModernBERT', () => {
    const values = initialParameters(model, { seed: 1, neighbourOffsets: [1, -1] });
    const plain = modernBert.create(tinySizes);
    const ids = [2, 7, 8, 9, 3];
    const plainValues = new Map([...values].filter(([name]) => !name.includes('mixing')));
    expect(plainValues.size).toBe(plain.parameters.length);
    expect(encoded(model, values, ids)).toEqual(encoded(plain, plainValues, ids));
  });

  it('mixes in the two tokens beside each, and no others', () => {
    const values = mixingValues();
    const [before] = encoded(model, values, [2, 7, 8, 9, 5, 3]);
    const [after] = encoded(model, values, [2, 7, 10, 9, 5, 3]);
    const changed = [0, 1, 2, 3, 4, 5].filter((position) =>
      before.slice(position * H, (position + 1) * H).some((value, at) => value !== after[position * H + at]),
    );
    expect(changed).toEqual([1, 2, 3]);
  });

  it('lets a causal twin see nothing of what follows', () => {
    const causal = model.withTask('text-generation');
    const values = mixingValues();
    const [, before] = encoded(causal, values, [2, 7, 8, 9]);
    const [, after] = encoded(causal, values, [2, 7, 8, 10]);
    expect(after.slice(0, 3 * H)).toEqual(before.slice(0, 3 * H));
    expect(after.slice(3 * H)).not.toEqual(before.slice(3 * H));
  });

  it('takes no notice of padding', () => {
    const values = mixingValues();
    const [, short] = encoded(model, values, [2, 7, 8, 3], [1, 1, 1, 1]);
    const [, padded] = encoded(model, values, [2, 7, 8, 3, 9, 9], [1, 1, 1, 1, 0, 0]);
    for (const [index, value] of short.entries()) expect(padded[index]).toBeCloseTo(value, 10);
  });
});
