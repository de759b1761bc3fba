import { expect, it } from 'vitest';
import type { ModernBertConfig } from '../model/index.js';
import { stepFlops } from './flops.js';

it('counts the matrix products of a step by hand', () => {
  const config = {
    hiddenSize: 4,
    intermediateSize: 6,
    numHiddenLayers: 2,
    vocabSize: 10,
  } as ModernBertConfig;
  const shape = { batchSize: 3, sequenceLength: 5, predictions: 7 };
  const tokens = 15;
  const qkvAndOutput = tokens * 4 * 12 + tokens * 4 * 4;
  const scoresAndContext = 2 * 3 * 5 * 5 * 4;
  const gatedFeedForward = tokens * 4 * 12 + tokens * 6 * 4;
  const head = 7 * 4 * 4 + 7 * 4 * 10;
  expect(stepFlops(config, shape)).toBe(
    6 * (2 * (qkvAndOutput + scoresAndContext + gatedFeedForward) + head),
  );
});
