import { expect, it } from 'vitest';
import { modernBert } from '../model/index.js';
import { stepFlops } from './flops.js';

it('counts the matrix products of a step by hand', () => {
  const model = modernBert.of({
    hiddenSize: 4,
    intermediateSize: 6,
    numHiddenLayers: 2,
    vocabSize: 10,
    numAttentionHeads: 2,
    hiddenActivation: 'gelu',
    classifierActivation: 'gelu',
    maxPositionEmbeddings: 5,
    normEps: 1e-5,
    ropeTheta: 100,
    attentionBias: true,
    classifierBias: true,
    initializerRange: 0.02,
    padTokenId: 0,
  });
  const shape = { batchSize: 3, sequenceLength: 5, predictions: 9 };
  const tokens = 15;
  const layer = (queries: number) => {
    const keysAndValues = tokens * 4 * 8;
    const queriesAndOutput = queries * 4 * 4 + queries * 4 * 4;
    const scoresAndContext = 2 * queries * 5 * 4;
    const gatedFeedForward = queries * 4 * 12 + queries * 6 * 4;
    return keysAndValues + queriesAndOutput + scoresAndContext + gatedFeedForward;
  };
  const head = 9 * 4 * 4 + 9 * 4 * 10;
  expect(stepFlops(model, shape)).toBe(6 * (layer(tokens) + layer(9) + head));
});
