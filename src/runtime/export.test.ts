import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RandomPurpose, RandomStream, sizeOf } from '../core/index.js';
import {
  add,
  constant,
  type DraftWeight,
  type DynamicSize,
  draftDynamic,
  encodeDraft,
  evaluate,
  Graph,
  gatherRows,
  halveWeights,
  input,
  linear,
  type OnnxDraft,
  quantizeWeights,
  reduceSum,
  reshape,
  scale,
  type Tensor,
} from '../graph/index.js';
import { drawInputs, opCases, otherCases } from '../graph/testing/index.js';
import { Engine } from './engine.js';
import type { TensorValue, TensorValues } from './protocol.js';

let engine: Engine;
beforeAll(() => {
  engine = new Engine({ threads: 2 });
});
afterAll(() => engine.close());

async function run(draft: OnnxDraft, feeds: TensorValues): Promise<TensorValues> {
  const { model } = encodeDraft(draft, { externalFile: 'unused' });
  const inputs = Object.entries(feeds).map(([name, { dtype, shape }]) => ({ name, dtype, shape }));
  const loaded = await engine.load({ onnx: model, inputs, outputs: [] });
  const results = await loaded.run(feeds);
  await loaded.release();
  return results;
}

const random = new RandomStream(7, RandomPurpose.initialisation, 0);
const draw = (shape: readonly number[]): DraftWeight => ({
  shape,
  data: Float32Array.from({ length: sizeOf(shape) }, () => random.nextNormal()),
});

describe('every op by portable operators equals its float64 reference', () => {
  for (const [name, op] of Object.entries({ ...opCases, ...otherCases })) {
    it(name, async () => {
      const build = () => {
        const graph = new Graph();
        const inputs = op.shapes.map((shape, index) => input(graph, `x${index}`, 'float32', shape));
        return { output: op.build(inputs, graph) };
      };
      const values = drawInputs(op);
      const draft = draftDynamic({ sizes: [], weights: new Map(), build });
      const used = draft.inputs.map((port) => port.name);
      const feeds = [...values].map(([key, { shape, data }]) => {
        const value: TensorValue = { dtype: 'float32', shape, data: Float32Array.from(data) };
        return [key, value] as const;
      });
      const { output: got } = await run(
        draft,
        Object.fromEntries(feeds.filter(([key]) => used.includes(key))),
      );
      const [reference] = evaluate([build().output], values);
      expect(got?.shape).toEqual(reference?.shape);
      for (const [element, value] of (reference?.data ?? []).entries()) {
        expect(Math.abs(Number(got?.data[element]) - value)).toBeLessThan(2e-5 * (1 + Math.abs(value)));
      }
    });
  }
});

const SIZES: readonly DynamicSize[] = [
  { name: 'batch_size', input: 'ids', axis: 0, most: 1 },
  { name: 'sequence_length', input: 'ids', axis: 1, most: 6 },
];

/** An embedding, a table over positions, and two linear layers of 40 by 40, one of which is tied to the embedding. */
const weights = new Map([
  ['table', draw([50, 40])],
  ['inner', draw([40, 40])],
  ['bias', draw([50])],
]);

function small([B = 0, T = 0]: readonly number[]): Record<string, Tensor> {
  const graph = new Graph();
  const ids = input(graph, 'ids', 'int32', [B, T]);
  const [table, inner, bias] = [...weights].map(([name, { shape }]) =>
    input(graph, name, 'float32', shape),
  ) as [Tensor, Tensor, Tensor];
  const places = Float32Array.from({ length: T * 40 }, (_, index) => Math.sin(index));
  const rows = add(gatherRows(table, ids), constant(graph, places, [T, 40]));
  const hidden = linear(reshape(rows, [B * T, 40]), scale(inner, 1));
  const logits = reshape(linear(hidden, table, bias), [B, T, 50]);
  return { logits, sums: reduceSum(logits, [1]) };
}

const idsOf = (B: number, T: number): TensorValues => ({
  ids: { dtype: 'int32', shape: [B, T], data: Int32Array.from({ length: B * T }, (_, i) => (i * 7) % 50) },
});

/** The graph at fixed sizes by the float64 reference. */
function reference(B: number, T: number): Float64Array {
  const feeds = new Map(
    [...weights, ['ids', idsOf(B, T).ids as TensorValue] as const].map(([name, { shape, data }]) => [
      name,
      { shape, data: Float64Array.from(data, Number) },
    ]),
  );
  const { logits } = small([B, T]);
  return evaluate([logits as Tensor], feeds)[0]?.data ?? new Float64Array();
}

function largestError(got: ArrayLike<number | bigint>, expected: Float64Array): number {
  expect(got.length).toBe(expected.length);
  return expected.reduce((most, value, index) => Math.max(most, Math.abs(value - Number(got[index]))), 0);
}

const draft = () => draftDynamic({ sizes: SIZES, weights, build: small });

describe('a model of dynamic sizes', () => {
  it.each([
    [1, 1],
    [2, 3],
    [5, 6],
  ])('equals the graph built for %i sequences of %i tokens', async (B, T) => {
    const { logits, sums } = await run(draft(), idsOf(B, T));
    expect(logits?.shape).toEqual([B, T, 50]);
    expect(sums?.shape).toEqual([B, 50]);
    expect(largestError(logits?.data ?? [], reference(B, T))).toBeLessThan(1e-3);
  });

  it('names its sizes, and holds weights under their own names', () => {
    const { inputs, outputs, initializers } = draft();
    expect(inputs).toEqual([{ name: 'ids', dtype: 'int32', shape: ['batch_size', 'sequence_length'] }]);
    expect(outputs.map(({ shape }) => shape)).toEqual([
      ['batch_size', 'sequence_length', 50],
      ['batch_size', 50],
    ]);
    expect([...weights.keys()].every((name) => initializers.has(name))).toBe(true);
  });

  it('refuses more than its constants serve', async () => {
    await expect(run(draft(), idsOf(1, 7))).rejects.toThrow(/ONNX Runtime/);
  });

  const build = (make: (x: Tensor, T: number) => Tensor) => () =>
    draftDynamic({
      sizes: [{ name: 'sequence_length', input: 'x', axis: 0, most: 4 }],
      weights: new Map(),
      build: ([T = 0]) => ({ y: make(input(new Graph(), 'x', 'float32', [T, 3]), T) }),
    });

  it('refuses a graph that depends on its sizes in a way that cannot be written', () => {
    expect(build((x, T) => scale(x, 1 / T))).toThrow(/constant '.*' is not the same for every size/);
    expect(build((x, T) => add(x, constant(x.node.graph, new Float32Array(T).fill(T), [T, 1])))).toThrow(
      /is not the same for every size/,
    );
    expect(build((x, T) => reshape(x, [3 * T]))).toThrow("'y': a dimension is 3 * sequence_length");
    expect(build((x, T) => (T % 4 === 1 ? x : scale(scale(x, 2), 2)))).toThrow(
      'the graph is not the same for every size',
    );
  });
});

const usualSize = (values: Float64Array): number =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);

describe('weights of fewer bits', () => {
  it('in 8 bits: a quarter of the bytes, and no result is off by a twentieth of their usual size', async () => {
    const quantized = quantizeWeights(draft());
    const floats = [...quantized.initializers.values()].filter(({ dtype }) => dtype === 'float32');
    expect(Math.max(...floats.map(({ data }) => data.length))).toBeLessThan(1000);
    const { logits } = await run(quantized, idsOf(3, 5));
    const expected = reference(3, 5);
    expect(largestError(logits?.data ?? [], expected)).toBeLessThan(0.05 * usualSize(expected));
  });

  it('in 8 bits, leaves out the matrices that it is told to', async () => {
    const names = [...weights].filter(([, { data }]) => data.length >= 1024).map(([name]) => name);
    expect(names.length).toBeGreaterThan(0);
    const quantized = quantizeWeights(draft(), new Set(names));
    for (const name of names) expect(quantized.initializers.get(name)?.dtype).toBe('float32');
    const { logits } = await run(quantized, idsOf(3, 5));
    expect(largestError(logits?.data ?? [], reference(3, 5))).toBeLessThan(1e-3);
  });

  it('in 16 bits: half the bytes, and no result is off by a hundredth of their usual size', async () => {
    const bytes = ({ initializers }: OnnxDraft) =>
      [...initializers.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
    const halved = halveWeights(draft());
    expect(bytes(halved)).toBeLessThan(0.52 * bytes(draft()));
    const { logits } = await run(halved, idsOf(3, 5));
    const expected = reference(3, 5);
    expect(largestError(logits?.data ?? [], expected)).toBeLessThan(0.01 * usualSize(expected));
  });
});
