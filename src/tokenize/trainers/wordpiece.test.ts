import { describe, expect, it } from 'vitest';
import { ConfigError, DataError } from '../../core/index.js';
import { readFixtureLines, readGoldens } from '../testing/goldens.js';
import { trainWordPiece } from './wordpiece.js';

const lines = readFixtureLines();
const vocabularyOf = (tokenizer: ReturnType<typeof trainWordPiece>) =>
  Array.from({ length: tokenizer.vocabSize }, (_, id) => tokenizer.idToToken(id));

describe('trainWordPiece', () => {
  const { reference, trainings } = readGoldens();
  for (const { vocabulary, ...golden } of trainings) {
    it(`learns the vocabulary of ${reference} for ${JSON.stringify(golden)}`, () => {
      const tokenizer = trainWordPiece(lines, {
        vocabSize: golden.vocab_size,
        minFrequency: golden.min_frequency,
        limitAlphabet: golden.limit_alphabet,
        lowercase: golden.lowercase,
      });
      expect(vocabularyOf(tokenizer)).toEqual(vocabulary);
    });
  }

  it('depends on the words alone, not on their order', () => {
    const options = { vocabSize: 350, minFrequency: 0 };
    const forward = trainWordPiece(lines, options);
    const backward = trainWordPiece(
      lines.toReversed().map((line) => line.split(' ').reverse().join('\n')),
      options,
    );
    expect(backward.toJSON()).toEqual(forward.toJSON());
  });

  it('puts special tokens first', () => {
    const tokenizer = trainWordPiece(lines, { vocabSize: 300 });
    expect(tokenizer.special).toEqual({ pad: 0, unk: 1, cls: 2, sep: 3, mask: 4 });
    expect(tokenizer.specialIds).toEqual([0, 1, 2, 3, 4]);
    expect(tokenizer.tokenToId('[MASK]')).toBe(4);
  });

  it('keeps the lower code points where the alphabet limit cuts through a tie', () => {
    const tokenizer = trainWordPiece(['b a d c a'], { vocabSize: 7, limitAlphabet: 2 });
    expect(vocabularyOf(tokenizer).slice(5)).toEqual(['a', 'b']);
  });

  it('orders the alphabet by code point, astral characters last', () => {
    const tokenizer = trainWordPiece(['\u{1d518} \uff21 a'], { vocabSize: 8, lowercase: false });
    expect(vocabularyOf(tokenizer).slice(5)).toEqual(['a', '\uff21', '\u{1d518}']);
  });

  it('learns words that are also names of object properties', () => {
    const tokenizer = trainWordPiece(['constructor constructor hasOwnProperty'], {
      vocabSize: 60,
      minFrequency: 0,
    });
    expect(tokenizer.tokenToId('constructor')).toBeGreaterThan(Math.max(...tokenizer.specialIds));
    expect(tokenizer.encode('constructor', { addSpecialTokens: false }).tokens).toEqual(['constructor']);
  });

  it('reports progress up to the end', () => {
    const calls: [number, number][] = [];
    const tokenizer = trainWordPiece(lines, {
      vocabSize: 400,
      minFrequency: 0,
      onProgress: (...call) => calls.push(call),
    });
    expect(calls.length).toBeGreaterThan(1);
    expect(calls.at(-1)).toEqual([tokenizer.vocabSize, tokenizer.vocabSize]);
  });

  it('refuses what cannot work', () => {
    expect(() => trainWordPiece([' \n', ''], { vocabSize: 100 })).toThrow(DataError);
    expect(() => trainWordPiece(['a b c'], { vocabSize: 7 })).toThrow(/vocabSize 7: expected at least 8/);
    expect(() => trainWordPiece(['a'], { vocabSize: 1.5 })).toThrow(ConfigError);
    expect(() => trainWordPiece(['a'], { vocabSize: 10, minFrequency: -1 })).toThrow(
      /minFrequency: expected/,
    );
    expect(() => trainWordPiece(['a'], { vocabSize: 10, limitAlphabet: 0 })).toThrow(
      /limitAlphabet: expected/,
    );
  });
});
