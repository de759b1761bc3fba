import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fillText } from './fill.js';
import { fillJointly, type JointFillOptions } from './joint/fill.js';
import { editDistance, nearestWords } from './nearest-words.js';
import { comparePair, summarisePairs } from './pairs.js';
import { scoreTexts, type TextScore } from './score.js';
import type { ScoreOptions } from './score-rows.js';
import { fillTargets } from './targets.js';
import { type TinyModel, tinyModel } from './testing/index.js';

let tiny: TinyModel;
beforeAll(() => {
  tiny = tinyModel();
});
afterAll(() => tiny.engine.close());

const MASK = 4;

/** -ln p(id at `place`), from the distribution of one row. */
async function surprisal(ids: readonly number[], place: number, id: number): Promise<number> {
  const [distribution] = await tiny.predictor.distributions([{ ids, positions: [place] }]);
  return -Math.log(distribution?.[id] ?? 0);
}

async function scores(texts: readonly string[], options: Partial<ScoreOptions> = {}): Promise<TextScore[]> {
  const all: ScoreOptions = { method: 'original', over: 'valid', ...options };
  const results = [];
  for await (const score of scoreTexts(tiny.predictor, tiny.tokenizer, texts, all)) results.push(score);
  return results;
}

describe('scoreTexts', () => {
  it.each(['original', 'within-word-l2r'] as const)('%s equals the sum by hand', async (method) => {
    const text = 'The unions is strong.';
    const { ids, wordIds } = tiny.tokenizer.encode(text);
    expect(wordIds.filter((word) => word === 1).length).toBeGreaterThan(1); // a word of several pieces
    let sum = 0;
    for (let place = 1; place < ids.length - 1; place++) {
      const masked = ids.map((id, other) => {
        const isLater = method === 'within-word-l2r' && other > place && wordIds[other] === wordIds[place];
        return other === place || isLater ? MASK : id;
      });
      sum += await surprisal(masked, place, ids[place] as number);
    }
    const [score] = await scores([text, 'The state.'], { method });
    expect(score?.pseudoLogLikelihoodNats).toBeCloseTo(-sum, 4);
    expect(score?.pseudoLogLikelihoodBits).toBeCloseTo(-sum / Math.LN2, 4);
    expect(score?.words.map(({ word }) => word)).toEqual(['The', 'unions', 'is', 'strong.']);
    expect(score?.words.reduce((total, { surprisalNats }) => total + surprisalNats, 0)).toBeCloseTo(sum, 4);
  });

  it('scores a long text in windows, and says so', async () => {
    const text = 'the state of the union '.repeat(20).trim();
    const [score] = await scores([text], { stride: 10 });
    expect(score?.windows).toEqual({ count: 8, size: 30, stride: 10 });
    expect(score?.scoredTokens).toBe(100);
    // A token in the middle is read in the window that starts 10 to 19 tokens before it.
    const { ids } = tiny.tokenizer.encode(text, { addSpecialTokens: false });
    const window = [2, ...ids.slice(40, 70), 3].with(16, MASK);
    expect(score?.tokens[55]?.surprisalNats).toBeCloseTo(await surprisal(window, 16, ids[55] as number), 4);
  });

  it('leaves out what the vocabulary cannot write, and counts it', async () => {
    const [score] = await scores(['The 日 union']);
    expect(score).toMatchObject({ scoredTokens: 2, unknownTokens: 1 });
    expect(score?.tokens[1]?.surprisalNats).toBeNull();
    const [over] = await scores(['The 日 union'], { over: 'all' });
    expect(over).toMatchObject({ scoredTokens: 3, unknownTokens: 0 });
  });

  it('judges minimal pairs; a tie is not correct', async () => {
    const [good, bad, same] = await scores([
      'The union is strong.',
      'The union strong is.',
      'The union is strong.',
    ]);
    const pair = comparePair(good as TextScore, bad as TextScore);
    const reversed = comparePair(bad as TextScore, good as TextScore);
    expect([pair.isCorrect, reversed.isCorrect]).toEqual([pair.differenceNats > 0, pair.differenceNats < 0]);
    const tie = comparePair(good as TextScore, same as TextScore);
    expect(tie).toMatchObject({ isTie: true, isCorrect: false });
    expect(summarisePairs([pair, reversed, tie])).toEqual({ pairs: 3, correct: 1, ties: 1, accuracy: 1 / 3 });
  });
});

describe('fillTargets', () => {
  const ask = (targets: string[], order: 'left-to-right' | 'average' = 'left-to-right') =>
    fillTargets(tiny.predictor, tiny.tokenizer, 'The [MASK] is strong.', { targets, order, seed: 0 });

  it('gives a single token the probability that fill gives it', async () => {
    const [candidates] = await fillText(tiny.predictor, tiny.tokenizer, 'The [MASK] is strong.', {
      topK: 60,
    });
    const union = candidates?.find(({ token_str }) => token_str === 'union')?.score ?? 0;
    const [[target] = []] = await ask(['union']);
    expect(target?.score).toBeCloseTo(union, 6);
    expect(target?.sequence).toBe('The union is strong.');
  });

  it('gives several tokens their chain-rule probability, in one order or averaged', async () => {
    const pieces = tiny.tokenizer.encode('state union', { addSpecialTokens: false }).ids;
    const [first, second] = pieces as [number, number];
    const { ids } = tiny.tokenizer.encode('The [MASK] [MASK] is strong.');
    const leftToRight = (await surprisal(ids, 2, first)) + (await surprisal(ids.with(2, first), 3, second));
    const rightToLeft = (await surprisal(ids, 3, second)) + (await surprisal(ids.with(3, second), 2, first));
    const [[chain] = []] = await ask(['state union']);
    expect(chain?.log_probability).toBeCloseTo(-leftToRight, 4);
    const [[average] = []] = await ask(['state union'], 'average');
    expect(average?.score).toBeCloseTo((Math.exp(-leftToRight) + Math.exp(-rightToLeft)) / 2, 6);
  });

  it('refuses what the vocabulary cannot write, with the nearest words', async () => {
    await expect(ask(['unión日'])).rejects.toThrow(
      "the vocabulary cannot write the target 'unión日' in the place of [MASK]; the nearest known: 'union'",
    );
  });
});

describe('fillJointly', () => {
  const options: JointFillOptions = {
    method: 'chain',
    topK: 5,
    candidates: 10,
    width: 50,
    samples: 100,
    seed: 0,
    maxBlank: 3,
    lengthCorrection: 'mean',
  };
  const fillings = (text: string, changed: Partial<JointFillOptions> = {}) =>
    fillJointly(tiny.predictor, tiny.tokenizer, text, { ...options, ...changed });

  it('ranks whole fillings; all masks are filled', async () => {
    const answer = await fillings('The [MASK] of the [MASK] is strong.');
    expect(answer.fillings).toHaveLength(5);
    expect(answer.isWhole).toBe(true);
    const logs = answer.fillings.map(({ logProbability }) => logProbability);
    expect(logs).toEqual([...logs].sort((a, b) => b - a));
    for (const { sequence, tokens } of answer.fillings) {
      expect(sequence).not.toContain('[MASK]');
      expect(tokens).toHaveLength(2);
    }
  });

  it('ranks a blank of unknown length across lengths by the stated correction', async () => {
    const answer = await fillings('The [MASK*] is strong.', { topK: 30 });
    expect(answer.lengths.map(({ masks }) => masks)).toEqual([1, 2, 3]);
    expect(answer.lengthCorrection).toBe('mean');
    for (const { score, logProbability, tokens } of answer.fillings) {
      expect(score).toBeCloseTo(logProbability / tokens.length, 10);
    }
    expect(new Set(answer.fillings.map(({ tokens }) => tokens.length)).size).toBeGreaterThan(1);
    const plain = await fillings('The [MASK*] is strong.', { lengthCorrection: 'none' });
    for (const { score, logProbability } of plain.fillings) expect(score).toBe(logProbability);
  });

  it('refuses too many blanks, and masks out of sight of one another', async () => {
    await expect(fillings('[MASK*] '.repeat(4))).rejects.toThrow(
      '4 blanks of 1 to 3 tokens have 81 combinations',
    );
    await expect(fillings(`[MASK] ${'the state '.repeat(40)}[MASK]`)).rejects.toThrow(
      'are further apart than the 32',
    );
  });
});

describe('nearestWords', () => {
  it('counts edits', () => {
    expect(editDistance('kitten', 'sitting')).toBe(3);
    expect(editDistance('', 'abc')).toBe(3);
    expect(nearestWords(tiny.tokenizer, 'unions', 1)).toEqual(['union']);
  });
});
