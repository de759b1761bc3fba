import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Batch } from '../data/index.js';
import { initialParameters, type LanguageModel, modernBert } from '../model/index.js';
import { Engine } from '../runtime/index.js';
import { type Tokenizer, trainWordPiece } from '../tokenize/index.js';
import { scoreMasked } from './evaluate.js';
import { fillText } from './fill.js';
import { Predictor } from './predictor.js';

const TEXTS = ['The state of the Union is strong.', 'The union of the states is stronger than the state.'];

let engine: Engine;
let tokenizer: Tokenizer;
let predictor: Predictor;

function smallModel(vocabSize: number): LanguageModel {
  return modernBert.of({
    vocabSize,
    hiddenSize: 16,
    numHiddenLayers: 1,
    numAttentionHeads: 2,
    intermediateSize: 16,
    hiddenActivation: 'relu2',
    classifierActivation: 'gelu',
    maxPositionEmbeddings: 32,
    normEps: 1e-5,
    ropeTheta: 10_000,
    attentionBias: true,
    classifierBias: true,
    initializerRange: 0.5,
    padTokenId: 0,
    clsTokenId: 2,
    sepTokenId: 3,
    maskTokenId: 4,
  });
}

beforeAll(() => {
  engine = new Engine({ threads: 1 });
  tokenizer = trainWordPiece(TEXTS, { vocabSize: 60, minFrequency: 1 });
  const model = smallModel(tokenizer.vocabSize);
  const parameters = initialParameters(model, { seed: 3 });
  predictor = new Predictor(engine, { model, parameters, specialIds: tokenizer.specialIds });
});
afterAll(() => engine.close());

const options = { topK: 5, maxTokens: 32 };

describe('Predictor', () => {
  it('gives distributions that sum to 1 and give special ids exactly nothing', async () => {
    const { ids } = tokenizer.encode('The [MASK] of the [MASK] is strong.');
    const shape = { batchSize: 1, sequenceLength: ids.length, predictions: 3 };
    const V = tokenizer.vocabSize;
    const result = await predictor.predict(shape, {
      inputIds: Int32Array.from(ids),
      positions: Int32Array.of(0, 2, 5),
    });
    for (let row = 0; row < 3; row++) {
      const distribution = result.subarray(row * V, (row + 1) * V);
      expect(distribution.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 6);
      for (const id of tokenizer.specialIds) expect(distribution[id]).toBe(0);
    }
  });
});

describe('fillText', () => {
  it('fills every mask, best first, in the text as it was written', async () => {
    const masks = await fillText(predictor, tokenizer, 'The [MASK] of the [MASK] IS strong.', options);
    expect(masks).toHaveLength(2);
    for (const candidates of masks) {
      expect(candidates).toHaveLength(5);
      const scores = candidates.map(({ score }) => score);
      expect(scores).toEqual([...scores].sort((a, b) => b - a));
    }
    for (const { token, token_str, sequence } of masks[0] ?? []) {
      expect(tokenizer.tokenToId(token_str)).toBe(token);
      const filled = token_str.startsWith('##') ? `The${token_str.slice(2)} of` : `The ${token_str} of`;
      expect(sequence).toBe(`${filled} the [MASK] IS strong.`);
    }
  });

  it('refuses a text without a mask and one that is too long, with what to do', async () => {
    await expect(fillText(predictor, tokenizer, 'The Union', options)).rejects.toThrow(
      'no [MASK] in the text "The Union": write [MASK] where a word is missing',
    );
    const long = `${'the '.repeat(40)}[MASK]`;
    await expect(fillText(predictor, tokenizer, long, options)).rejects.toThrow(
      'has 43 tokens, the model reads at most 32',
    );
  });
});

describe('scoreMasked', () => {
  it('equals the figures computed by hand from the distributions, padding left out', async () => {
    const ids = Int32Array.from(tokenizer.encode('The state of the [MASK] is strong.').ids);
    const positions = Int32Array.of(2, 5, 5);
    const labels = Int32Array.of(7, 8, 9);
    const batch: Batch = {
      inputIds: ids,
      positions,
      labels,
      weights: Float32Array.of(1, 1, 0),
      maskedCount: 2,
    };
    const shape = { batchSize: 1, sequenceLength: ids.length, predictions: 3 };
    const scores = await scoreMasked(predictor, [batch], shape, (id) => id);
    const V = tokenizer.vocabSize;
    const probabilities = await predictor.predict(shape, batch);
    const rows = [0, 1].map((row) => [...probabilities.subarray(row * V, (row + 1) * V)]);
    const own = rows.map((row, index) => row[labels[index] as number] as number);
    const ranks = rows.map((row, index) => row.filter((p) => p > (own[index] as number)).length);
    const nats = -own.reduce((sum, p) => sum + Math.log(p), 0);
    expect(scores.maskedTokens).toBe(2);
    expect(scores.lossNats).toBeCloseTo(nats / 2, 6);
    expect(scores.perplexity).toBeCloseTo(Math.exp(nats / 2), 3);
    expect(scores.accuracy).toBe(ranks.filter((rank) => rank === 0).length / 2);
    expect(scores.top5Accuracy).toBe(ranks.filter((rank) => rank < 5).length / 2);
    expect(scores.bitsPerByte).toBeCloseTo(nats / Math.LN2 / 15, 6);
  });
});
