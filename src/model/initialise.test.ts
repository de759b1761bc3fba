import { describe, expect, it } from 'vitest';
import {
  constant,
  evaluate,
  Graph,
  type input,
  matMul,
  type NdArray,
  reshape,
  rotary,
  softmax,
} from '../graph/index.js';
import { rotaryFrequencies } from './blocks/rotary-angles.js';
import { modernBert } from './families/modernbert.js';
import { initialParameters } from './initialise.js';

const model = modernBert.of({
  vocabSize: 30,
  hiddenSize: 128,
  numHiddenLayers: 2,
  numAttentionHeads: 2,
  intermediateSize: 64,
  hiddenActivation: 'relu2',
  classifierActivation: 'gelu',
  maxPositionEmbeddings: 32,
  normEps: 1e-5,
  ropeTheta: 10_000,
  attentionBias: true,
  classifierBias: true,
  initializerRange: 0.02,
  padTokenId: 0,
  clsTokenId: 2,
  sepTokenId: 3,
  maskTokenId: 4,
});

describe('initialParameters', () => {
  it('draws every parameter in its shape, by the seed alone', () => {
    const values = initialParameters(model, { seed: 5 });
    expect([...values].map(([name, { shape }]) => ({ name, shape }))).toEqual(
      model.parameters.map(({ name, shape }) => ({ name, shape })),
    );
    expect(initialParameters(model, { seed: 5 })).toEqual(values);
    expect(initialParameters(model, { seed: 6 })).not.toEqual(values);
    for (const { name, kind } of model.parameters) {
      const data = [...(values.get(name)?.data ?? [])];
      const largest = Math.max(...data.map(Math.abs));
      if (kind === 'gain') expect(data.every((value) => value === 1)).toBe(true);
      else expect(largest, name).toBeLessThanOrEqual(kind === 'bias' ? 0 : 0.04);
    }
  });

  it('starts the decoder bias at the smoothed log frequencies', () => {
    const unigramCounts = Array.from({ length: 30 }, (_, id) => id);
    const bias = initialParameters(model, { seed: 0, unigramCounts }).get('decoder.bias')?.data ?? [];
    expect(Array.from(bias, Math.exp).reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5);
    expect(Math.exp((bias[29] as number) - (bias[0] as number))).toBeCloseTo(30, 3);
  });

  it('lets the heads of the first block look at the neighbours they were told to', () => {
    const [T, D] = [32, 64];
    const offsets = [1, -2];
    const values = initialParameters(model, { seed: 0, neighbourOffsets: offsets });
    const bias = values.get('model.layers.0.attn.Wqkv.bias')?.data as Float32Array;
    for (const [head, offset] of offsets.entries()) {
      const probabilities = attentionOfBiases(bias.subarray(head * D), bias.subarray(128 + head * D), T, D);
      for (let position = 2; position < T - 2; position++) {
        const row = [...probabilities.subarray(position * T, (position + 1) * T)];
        expect(row.indexOf(Math.max(...row))).toBe(position + offset);
        expect(row[position + offset]).toBeGreaterThan(0.8);
      }
    }
    expect(values.get('model.layers.1.attn.Wqkv.bias')?.data.every((value) => value === 0)).toBe(true);
  });
});

/** Attention probabilities f64[T, T] of a head whose queries and keys are its biases at every position. */
function attentionOfBiases(query: Float32Array, key: Float32Array, T: number, D: number): Float64Array {
  const graph = new Graph();
  const tile = (values: Float32Array) =>
    constant(
      graph,
      Float32Array.from({ length: T * D }, (_, index) => values[index % D] as number),
      [1, 1, T, D],
    );
  const angles = Array.from({ length: T }, (_, position) =>
    rotaryFrequencies(D, 10_000).map((f) => position * f),
  ).flat();
  const table = (f: (angle: number) => number) => constant(graph, Float32Array.from(angles, f), [T, D / 2]);
  const [cos, sin] = [table(Math.cos), table(Math.sin)];
  const turned = [query, key].map((values) => reshape(rotary(tile(values), cos, sin), [T, D]));
  const [q, k] = turned as [ReturnType<typeof input>, ReturnType<typeof input>];
  const [result] = evaluate([softmax(matMul(q, k, { transB: true, alpha: D ** -0.5 }))], new Map());
  return (result as NdArray).data;
}
