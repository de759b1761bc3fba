import { expect, it } from 'vitest';
import { initialParameters, modernBert, WIDE, wideFeatures } from '../model/index.js';
import { joinWide } from './wide-classifier.js';

const model = modernBert.create(
  {
    vocabSize: 20,
    hiddenSize: 8,
    numHiddenLayers: 1,
    numAttentionHeads: 2,
    intermediateSize: 8,
    maxTokens: 16,
    initializerRange: 0.02,
    padTokenId: 0,
    clsTokenId: 2,
    sepTokenId: 3,
    maskTokenId: 4,
  },
  'text-classification',
  ['x', 'y'],
);

it('learns of tokens that several texts have, and of no others', () => {
  const texts = [
    { inputIds: Int32Array.of(2, 5, 9, 3), labels: Int32Array.of(0) },
    { inputIds: Int32Array.of(2, 6, 3), labels: Int32Array.of(1) },
    { inputIds: Int32Array.of(2, 5, 3), labels: Int32Array.of(0) },
    { inputIds: Int32Array.of(2, 6, 10, 3), labels: Int32Array.of(1) },
  ];
  const parameters = initialParameters(model, { seed: 1 });
  const { parameters: joined, model: wide } = joinWide({ model, parameters }, texts, 0);
  const table = joined.get(WIDE.table);
  const row = (token: number) => [...(table?.data.subarray(2 * token, 2 * token + 2) ?? [])];
  expect(row(5)[0]).toBeGreaterThan(0);
  expect(row(6)[1]).toBeGreaterThan(0);
  expect(row(9)).toEqual([0, 0]);
  expect(row(10)).toEqual([0, 0]);
  const pairRows = (table?.shape[0] ?? 0) - 20;
  expect(wideFeatures({ vocabSize: 20, pairRows })(Int32Array.of(2, 5)).rows[2]).toBeGreaterThanOrEqual(20);
  expect(wide.parameters.map(({ name }) => name)).toEqual([...joined.keys()]);
});
