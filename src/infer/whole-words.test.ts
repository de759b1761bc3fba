import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { initialParameters } from '../model/index.js';
import { extendVocabulary } from '../tokenize/index.js';
import { Predictor } from './predictor.js';
import { scoreTexts } from './score.js';
import { type TinyModel, tinyModel } from './testing/index.js';
import { scoreWholeWords, type WholeWordScores } from './whole-words.js';

let tiny: TinyModel;
beforeAll(() => {
  tiny = tinyModel();
});
afterAll(() => tiny.engine.close());

/** Words of one token each, more than the model reads at once. */
const SINGLE = 'the state of the union is strong. '.repeat(6);
/** Words of several tokens among them, a text longer than a stretch, and bytes that are not letters. */
const PIECES = ['the tests of the tents is strong. '.repeat(40), 'rather the nation in the tents'];
const bits = (nats: number) => nats / Math.LN2;

const score = (texts: readonly string[], share = 1, seed = 0) =>
  scoreWholeWords(tiny.predictor, tiny.tokenizer, texts, { seed, share });

async function sums(texts: readonly string[], method: 'original' | 'within-word-l2r') {
  const scores = [];
  const options = { method, over: 'valid' } as const;
  for await (const own of scoreTexts(tiny.predictor, tiny.tokenizer, texts, options)) scores.push(own);
  return -scores.reduce((sum, { pseudoLogLikelihoodNats: nats }) => sum + nats, 0);
}

const bytesOf = ({ lossNats, words, bitsPerByte }: WholeWordScores) => bits(lossNats * words) / bitsPerByte;
const wordBytes = (texts: readonly string[]) => Buffer.byteLength(texts.join('').replaceAll(/\s/g, ''));

describe('scoreWholeWords', () => {
  it('is the masked-token measure where every word is one token, and its number of tokens costs nothing', async () => {
    const scores = await score([SINGLE]);
    expect(scores.tokensPerWord).toBe(1);
    expect(scores.words).toBe(48);
    expect(scores.lengthBitsPerByte).toBeCloseTo(0, 12);
    expect(scores.lossNats * scores.words).toBeCloseTo(await sums([SINGLE], 'original'), 6);
    expect(scores.bitsPerByte * wordBytes([SINGLE])).toBeCloseTo(bits(await sums([SINGLE], 'original')), 5);
  });

  it('sums the tokens of a word from left to right, later ones hidden', async () => {
    const scores = await score(PIECES);
    const within = await sums(PIECES, 'within-word-l2r');
    expect(scores.unknownWords).toBe(0);
    expect(scores.tokensPerWord).toBeGreaterThan(1.2);
    expect(scores.bitsPerByte * wordBytes(PIECES)).toBeCloseTo(bits(within), 4);
    expect(within).not.toBeCloseTo(await sums(PIECES, 'original'), 1);
    expect(scores.bitsPerByteHalfWidth).toBeGreaterThan(0);
  });

  it('charges the entropy of the numbers of tokens', async () => {
    const { tokenizer } = tiny;
    const text = 'the tents the tents';
    const pieces = tokenizer.encodeIds('tents').length;
    expect(pieces).toBeGreaterThan(1);
    const scores = await score([text]);
    // Half of the words have one token: one bit a word.
    expect(scores.lengthBitsPerByte).toBeCloseTo(4 / wordBytes([text]), 12);
    expect(scores.tokensPerWord).toBe((1 + pieces) / 2);
  });

  it('draws the same words whatever their tokens', async () => {
    const { tokenizer, added } = extendVocabulary(tiny.tokenizer, ['tents tests '.repeat(3)], 2);
    expect(added).toHaveLength(2);
    const model = tiny.predictor.asked.model.withVocabSize(tokenizer.vocabSize);
    const parameters = initialParameters(model, { seed: 3 });
    const predictor = new Predictor(tiny.engine, { model, parameters, specialIds: tokenizer.specialIds });
    const before = await score(PIECES, 0.3, 4);
    const after = await scoreWholeWords(predictor, tokenizer, PIECES, { seed: 4, share: 0.3 });
    expect(after.tokensPerWord).toBeLessThan(before.tokensPerWord);
    expect(after.words).toBe(before.words);
    expect(bytesOf(after)).toBeCloseTo(bytesOf(before), 6);
    expect(before.words).toBeLessThan((await score(PIECES)).words / 2);
    expect(await score(PIECES, 0.3, 4)).toEqual(before);
    expect((await score(PIECES, 0.3, 5)).lossNats).not.toBe(before.lossNats);
  });

  it('counts words that the vocabulary cannot write, and refuses when there are no others', async () => {
    const scores = await score(['the state § of §']);
    expect(scores).toMatchObject({ words: 3, unknownWords: 2 });
    await expect(score(['§'])).rejects.toThrow('no word to score');
    await expect(score([SINGLE], 0)).rejects.toThrow('above 0 and at most 1, got 0');
  });
});
