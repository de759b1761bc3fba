import { describe, expect, it } from 'vitest';
import {
  constant,
  evaluate,
  Graph,
  gatherRows,
  gradients,
  mul,
  type NdArray,
  reduceSum,
  type Tensor,
} from '../graph/index.js';
import { families, readModel } from './families.js';
import { initialParameters } from './initialise.js';
import { type LanguageModel, lastOf } from './language-model.js';
import { declareParameters } from './parameters.js';
import { tinySizes } from './testing/index.js';

const IDS = [
  [2, 7, 4, 9, 5, 3],
  [2, 8, 8, 4, 3, 0],
];
const MASK = [
  [1, 1, 1, 1, 1, 1],
  [1, 1, 1, 1, 1, 0],
];
/** Two of every sequence, in no order, one of them twice, and beside padding. */
const ROWS = [4, 1, 10, 10];

/** Names of the parameters that the last hidden states depend on: a causal model mixes in nothing from the right. */
const trained = ({ body, task }: LanguageModel): string[] =>
  body.map(({ name }) => name).filter((name) => task === 'fill-mask' || !name.includes('mixing.right'));

const largest = (values: readonly number[]): number =>
  values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

const feedsOf = (model: LanguageModel): Map<string, NdArray> =>
  new Map(
    [...initialParameters(model, { seed: 3 })].map(([name, { shape, data }]) => [
      name,
      { shape, data: Float64Array.from(data) },
    ]),
  );

/** The last hidden states at ROWS, and the gradient of each parameter of their sum with factors, by how the rows are asked for. */
function outcome(model: LanguageModel, isPadded: boolean, shape: readonly number[] | undefined): number[][] {
  const graph = new Graph();
  const tensors = declareParameters(graph, model.parameters);
  const table = (rows: readonly (readonly number[])[]) =>
    constant(graph, Int32Array.from(rows.flat()), [2, 6]);
  const inputs = { inputIds: table(IDS), ...(isPadded && { attentionMask: table(MASK) }) };
  const rows = constant(graph, Int32Array.from(ROWS), shape ?? [4]);
  const states = shape
    ? lastOf(model.encode(tensors, inputs, rows))
    : gatherRows(lastOf(model.encode(tensors, inputs)), rows);
  const factors = Float32Array.from({ length: 4 * tinySizes.hiddenSize }, (_, index) => Math.cos(index));
  const loss = reduceSum(mul(states, constant(graph, factors, [4, tinySizes.hiddenSize])), [0, 1]);
  const slopes = gradients(
    loss,
    trained(model).map((name) => tensors.get(name) as Tensor),
  );
  return evaluate([states, ...slopes], feedsOf(model)).map(({ data }) => [...data]);
}

const kinds = families.flatMap(({ modelType, create, tasks }) => {
  const sizes = { ...tinySizes, numHiddenLayers: 2 };
  const plain = create(sizes);
  const causal = tasks.includes('text-generation') ? [plain.withTask('text-generation')] : [];
  return [plain, ...causal].map((model) => [`${modelType} for ${model.task}`, model] as const);
});

describe.each(kinds)('the last layer of %s at some rows', (_, model) => {
  it.each([
    ['of any sequence', [4], false],
    ['of any sequence, padded', [4], true],
    ['of each sequence as many', [2, 2], false],
    ['of each sequence as many, padded', [2, 2], true],
  ])('is what it is among all: %s', (_, shape, isPadded) => {
    const all = outcome(model, isPadded, undefined);
    const some = outcome(model, isPadded, shape);
    expect(some.length).toBe(all.length);
    for (const [index, values] of all.entries()) {
      const error = largest(values.map((value, at) => value - (some[index]?.[at] as number)));
      expect(error / Math.max(1e-3, largest(values)), trained(model)[index - 1] ?? 'states').toBeLessThan(
        1e-6,
      );
    }
    expect(all[0]?.some((value) => Math.abs(value) > 0.1)).toBe(true);
  });
});

describe.each(
  families
    .filter(({ tasks }) => tasks.includes('text-classification'))
    .map((family) => [family.modelType, family] as const),
)('a classifier of texts of %s', (_, family) => {
  it('needs the first tokens of the last layer alone', () => {
    const model = family.create({ ...tinySizes, numHiddenLayers: 2 }, 'text-classification', ['a', 'b', 'c']);
    const logits = (atRows: boolean) => {
      const graph = new Graph();
      const tensors = declareParameters(graph, model.parameters);
      const table = (rows: readonly (readonly number[])[]) =>
        constant(graph, Int32Array.from(rows.flat()), [2, 6]);
      const inputs = { inputIds: table(IDS), attentionMask: table(MASK) };
      const rows = model.classRows(inputs);
      expect(rows?.shape).toEqual([2, 1]);
      const states = lastOf(model.encode(tensors, inputs, atRows ? rows : undefined));
      return [...(evaluate([model.classLogits(tensors, states, inputs)], feedsOf(model))[0]?.data ?? [])];
    };
    const all = logits(false);
    expect(largest(all)).toBeGreaterThan(0.01);
    for (const [at, value] of logits(true).entries()) expect(value).toBeCloseTo(all[at] as number, 6);
  });

  it('reads all of them for another task', () => {
    const graph = new Graph();
    const inputs = { inputIds: constant(graph, new Int32Array(12), [2, 6]) };
    expect(family.create(tinySizes, 'token-classification', ['a']).classRows(inputs)).toBeUndefined();
  });
});

it('a classifier that takes the mean of all tokens reads them all', () => {
  const json = families
    .find(({ modelType }) => modelType === 'modernbert')
    ?.create(tinySizes, 'text-classification', ['a', 'b'])
    .toHuggingFace();
  const model = readModel({ ...json, classifier_pooling: 'mean' }, 'test');
  const inputs = { inputIds: constant(new Graph(), new Int32Array(12), [2, 6]) };
  expect(model.classRows(inputs)).toBeUndefined();
});

it('a local last layer looks within its window from some rows, too', () => {
  const modernBert = families.find(({ modelType }) => modelType === 'modernbert');
  const json = modernBert?.create({ ...tinySizes, numHiddenLayers: 2 }).toHuggingFace();
  const local = modernBert?.read(
    { ...json, local_attention: 2, global_attn_every_n_layers: 2, layer_types: undefined },
    'test',
  ) as LanguageModel;
  const wide = modernBert?.read(
    { ...json, local_attention: 12, global_attn_every_n_layers: 2, layer_types: undefined },
    'test',
  ) as LanguageModel;
  for (const isPadded of [false, true]) {
    const all = outcome(local, isPadded, undefined);
    expect(outcome(wide, isPadded, undefined)[0]).not.toEqual(all[0]);
    for (const shape of [[4], [2, 2]]) {
      for (const [at, value] of (outcome(local, isPadded, shape)[0] ?? []).entries())
        expect(value).toBeCloseTo(all[0]?.[at] as number, 8);
    }
  }
});
