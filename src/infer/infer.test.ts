import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Batch } from '../data/index.js';
import type { Engine } from '../runtime/index.js';
import type { Tokenizer } from '../tokenize/index.js';
import { scoreMasked } from './evaluate.js';
import { fillText } from './fill.js';
import type { Predictor } from './predictor.js';
import { tinyModel } from './testing/index.js';

let engine: Engine;
let tokenizer: Tokenizer;
let predictor: Predictor;

beforeAll(() => {
  ({ engine, tokenizer, predictor } = tinyModel());
});
afterAll(() => engine.close());

const options = { topK: 5 };

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
      const joins = token_str.startsWith('##') || token_str === '.';
      const filled = joins ? `The${token_str.replace('##', '')} of` : `The ${token_str} of`;
      expect(sequence).toBe(`${filled} the [MASK] IS strong.`);
    }
  });

  it('refuses a text without a mask, with what to do', async () => {
    await expect(fillText(predictor, tokenizer, 'The Union', options)).rejects.toThrow(
      'no [MASK] in the text "The Union": write [MASK] where a word is missing',
    );
  });

  it('reads a text that is too long in a window around its masks, and says so', async () => {
    const words = (count: number) => 'the state of '.repeat(count);
    const text = `${words(20)}[MASK] ${words(20)}[MASK]`;
    const [first, second] = await fillText(predictor, tokenizer, text, options);
    expect(first?.[0]?.window).toEqual({ start: 46, end: 76, of: 122 });
    expect(second?.[0]?.window).toEqual({ start: 92, end: 122, of: 122 });
    const alone = await fillText(predictor, tokenizer, `of ${words(4)}the [MASK] ${words(5)}`, options);
    expect(alone[0]?.[0]?.window).toBeUndefined();
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
