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
  const shape = { batchSize: 3, sequenceLength: 5, predictions: 7 };
  const tokens = 15;
  const qkvAndOutput = tokens * 4 * 12 + tokens * 4 * 4;
  const scoresAndContext = 2 * 3 * 5 * 5 * 4;
  const gatedFeedForward = tokens * 4 * 12 + tokens * 6 * 4;
  const head = 7 * 4 * 4 + 7 * 4 * 10;
  expect(stepFlops(model, shape)).toBe(6 * (2 * (qkvAndOutput + scoresAndContext + gatedFeedForward) + head));
});
