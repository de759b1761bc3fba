import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../core/index.js';
import { WordPieceModel } from './wordpiece.js';

const tokens = ['[UNK]', 'a', '##a', '##ab', '\u{1d518}', '##\u{1d518}'];

describe('WordPieceModel', () => {
  it('takes the longest piece that fits, from left to right', () => {
    expect(new WordPieceModel(tokens).tokenize('aaba')).toEqual([
      { id: 1, start: 0, end: 1 },
      { id: 3, start: 1, end: 3 },
      { id: 2, start: 3, end: 4 },
    ]);
  });

  it('gives one unknown token for a word that it cannot cover', () => {
    expect(new WordPieceModel(tokens).tokenize('aab?')).toEqual([{ id: 0, start: 0, end: 4 }]);
    expect(new WordPieceModel(tokens).tokenize('aabb')).toEqual([{ id: 0, start: 0, end: 4 }]);
  });

  it('counts the characters of a word in code points', () => {
    const model = new WordPieceModel(tokens, { maxInputCharsPerWord: 3 });
    expect(model.tokenize('\u{1d518}'.repeat(3)).map(({ id }) => id)).toEqual([4, 5, 5]);
    expect(model.tokenize('\u{1d518}'.repeat(4))).toEqual([{ id: 0, start: 0, end: 8 }]);
  });

  it('needs its unknown token', () => {
    expect(() => new WordPieceModel(['a'])).toThrow(ConfigError);
  });
});
