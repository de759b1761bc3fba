import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  constant,
  evaluate,
  Graph,
  gradients,
  input,
  type NdArray,
  softmaxCrossEntropy,
} from '../graph/index.js';
import { fromHuggingFaceConfig, toHuggingFaceConfig } from './config.js';
import { declareParameters, encode, predictionLogits, validityMask } from './modernbert.js';
import { parameterSpecs } from './parameters.js';

interface Golden {
  readonly config: Record<string, unknown>;
  readonly weights: Record<string, { readonly shape: number[]; readonly data: number[] }>;
  readonly inputIds: number[][];
  readonly positions: number[];
  readonly labels: number[];
  readonly logits: number[];
  readonly lossNats: number;
  readonly gradients: Record<string, number[]>;
}

const file = new URL('./goldens/modernbert.golden.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: Golden[] };

function expectClose(got: Float64Array, expected: readonly number[], tolerance: number, what: string): void {
  expect(got.length, what).toBe(expected.length);
  // Relative to the tensor's own size: single elements of a gradient may be close to zero by cancellation.
  const size = Math.max(...expected.map(Math.abs));
  for (const [index, reference] of expected.entries()) {
    expect(Math.abs((got[index] as number) - reference), `${what}[${index}]`).toBeLessThan(tolerance * size);
  }
}

/** Logits, loss and gradients of a golden's model, in float64. */
function compute(golden: Golden) {
  const config = fromHuggingFaceConfig(golden.config, 'golden');
  const graph = new Graph();
  const parameters = declareParameters(graph, config);
  const ints = (values: number[], shape: number[]) => constant(graph, Int32Array.from(values), shape);
  const shape = { batchSize: golden.inputIds.length, sequenceLength: golden.inputIds[0]?.length ?? 0 };
  const inputIds = ints(golden.inputIds.flat(), [shape.batchSize, shape.sequenceLength]);
  const hiddenStates = encode(parameters, config, inputIds, shape);
  const M = golden.positions.length;
  const logits = predictionLogits(parameters, config, hiddenStates, ints(golden.positions, [M]));
  const weights = constant(graph, new Float32Array(M).fill(1 / M), [M]);
  const { loss } = softmaxCrossEntropy(logits, ints(golden.labels, [M]), weights);
  const names = parameterSpecs(config).map(({ name }) => name);
  const slopes = gradients(
    loss,
    names.map((name) => parameters.get(name) as NonNullable<ReturnType<typeof parameters.get>>),
  );
  const feeds = new Map(
    Object.entries(golden.weights).map(([name, { shape: dims, data }]) => [
      name,
      { shape: dims, data: Float64Array.from(data, Math.fround) },
    ]),
  );
  return { names, values: evaluate([logits, loss, ...slopes], feeds) };
}

describe("a two-layer ModernBERT equals transformers'", () => {
  for (const golden of cases) {
    it(`logits, loss and every gradient with ${golden.config.hidden_activation}`, () => {
      const { names, values } = compute(golden);
      const [logits, loss, ...slopes] = values as [NdArray, NdArray, ...NdArray[]];
      expectClose(logits.data, golden.logits, 1e-6, 'logits');
      expect(Math.abs((loss.data[0] as number) - golden.lossNats)).toBeLessThan(1e-6);
      expect([...names].sort()).toEqual(Object.keys(golden.gradients).sort());
      for (const [index, name] of names.entries()) {
        expectClose((slopes[index] as NdArray).data, golden.gradients[name] as number[], 1e-5, name);
      }
    });
  }
});

describe('the configuration', () => {
  it('survives the way to Hugging Face and back', () => {
    const config = fromHuggingFaceConfig(cases[0]?.config, 'golden');
    expect(fromHuggingFaceConfig(toHuggingFaceConfig(config), 'config.json')).toEqual(config);
  });

  it('is refused by file and key when it is not what Lacuna can compute', () => {
    const bad = { ...cases[0]?.config, norm_bias: true };
    expect(() => fromHuggingFaceConfig(bad, 'm/config.json')).toThrow(/^m\/config\.json: norm_bias: /);
  });
});

describe('validityMask', () => {
  it('gives special ids no probability at all', () => {
    const graph = new Graph();
    const [mask] = evaluate([validityMask(graph, 4, [0, 2])], new Map());
    expect([...(mask as NdArray).data]).toEqual([-Infinity, 0, -Infinity, 0]);
    const logits = input(graph, 'logits', 'float32', [1, 4]);
    expect(logits.shape).toEqual([1, 4]);
  });
});
