import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { constant, evaluate, Graph, softmax, type Tensor } from '../src/graph/index.js';
import { divergence } from '../src/masking/index.js';
import { initialParameters, lastOf, modernBert, outputLogits } from '../src/model/index.js';
import { validityMask } from '../src/model/parameters.js';

const SRC = fileURLToPath(new URL('../src', import.meta.url));
const SPECIAL = { pad: 0, unk: 1, cls: 2, sep: 3, mask: 4 };
const specialIds = Object.values(SPECIAL);
const V = 24;

const model = modernBert.of({
  vocabSize: V,
  hiddenSize: 16,
  numHiddenLayers: 1,
  numAttentionHeads: 2,
  intermediateSize: 16,
  hiddenActivation: 'relu2',
  classifierActivation: 'linear',
  maxPositionEmbeddings: 8,
  normEps: 1e-5,
  ropeTheta: 10_000,
  attentionBias: true,
  classifierBias: true,
  initializerRange: 0.5,
  padTokenId: SPECIAL.pad,
  clsTokenId: SPECIAL.cls,
  sepTokenId: SPECIAL.sep,
  maskTokenId: SPECIAL.mask,
});

/** Distributions at the two masks of a sentence, by a head that turns the last hidden states into logits. */
function distributions(
  head: (
    weights: ReadonlyMap<string, Tensor>,
    hiddenStates: Tensor,
    positions: Tensor,
    inputs: { readonly inputIds: Tensor },
  ) => Tensor,
): number[][] {
  const graph = new Graph();
  const values = initialParameters(model, { seed: 1 });
  // A model that would love to answer [MASK] and [PAD], as every model is that has seen them often.
  const bias = values.get(String(model.decoderBias))?.data as Float32Array;
  bias[SPECIAL.mask] = 30;
  bias[SPECIAL.pad] = 20;
  const weights = new Map([...values].map(([name, { data, shape }]) => [name, constant(graph, data, shape)]));
  const inputIds = constant(graph, Int32Array.of(2, 7, 4, 9, 4, 11, 12, 3), [1, 8]);
  const positions = constant(graph, Int32Array.of(2, 4), [2]);
  const hiddenStates = lastOf(model.encode(weights, { inputIds }, positions));
  const [result] = evaluate([softmax(head(weights, hiddenStates, positions, { inputIds }))], new Map());
  const flat = Array.from(result?.data ?? []);
  return [flat.slice(0, V), flat.slice(V)];
}

const sound = () =>
  distributions((weights, hiddenStates, positions, inputs) =>
    outputLogits(model, weights, hiddenStates, { inputs, positions, specialIds }),
  );
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const largest = (values: readonly number[]) => values.indexOf(Math.max(...values));

describe('the valid-token contract', () => {
  it('gives special tokens nothing, and the others all', () => {
    for (const distribution of sound()) {
      for (const id of specialIds) expect(distribution[id]).toBe(0);
      expect(Math.abs(sum(distribution) - 1)).toBeLessThan(1e-6);
      expect(specialIds).not.toContain(largest(distribution));
    }
  });

  it('broken on purpose: one special token let through takes the prediction, at an infinite divergence', () => {
    const letThrough = specialIds.filter((id) => id !== SPECIAL.mask);
    const broken = distributions((weights, hiddenStates, positions, inputs) =>
      model.predictionLogits(weights, hiddenStates, {
        ...{ inputs, positions },
        validity: validityMask(positions.node.graph, V, letThrough),
      }),
    );
    for (const [index, distribution] of sound().entries()) {
      const hijacked = broken[index] as number[];
      expect(largest(hijacked)).toBe(SPECIAL.mask);
      expect(hijacked[SPECIAL.mask]).toBeGreaterThan(0.99);
      expect(sum(hijacked)).toBeCloseTo(1, 6); // the sum alone does not show it
      expect(divergence(hijacked, distribution)).toBe(Number.POSITIVE_INFINITY);
      expect(divergence(distribution, distribution)).toBe(0);
    }
  });

  it('is kept by one function: nothing else in src makes logits of an output distribution but an export, whose logits are those of transformers', () => {
    const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter(
      (name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && !name.includes('testing'),
    );
    const callers = files.filter((name) =>
      /\.predictionLogits\(|validityMask\(/.test(readFileSync(join(SRC, name), 'utf8')),
    );
    expect(callers.sort()).toEqual([
      'hub/inference-draft.ts',
      'model/output-distribution.ts',
      'model/parameters.ts',
    ]);
  });
});
