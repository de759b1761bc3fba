import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigError, DataError } from '../../core/index.js';
import { tokenizerFromJson } from '../codec/read.js';
import { trainCharacter } from './character.js';
import { residueTokenizer } from './residue.js';

describe('trainCharacter', () => {
  const tokenizer = trainCharacter(['ab \u{1d518}b', 'b\n']);

  it('has the special tokens, then the characters by code point', () => {
    const tokens = Array.from({ length: tokenizer.vocabSize }, (_, id) => tokenizer.idToToken(id));
    expect(tokens.slice(5)).toEqual(['\n', 'a', 'b', '\u2581', '\u{1d518}']);
  });

  it('gives one token for each character, words beginning at spaces', () => {
    const { tokens, offsets, wordIds } = tokenizer.encode('b \u{1d518}x', { addSpecialTokens: false });
    expect(tokens).toEqual(['b', '\u2581', '\u{1d518}', '[UNK]']);
    expect(offsets).toEqual([
      [0, 1],
      [1, 2],
      [2, 4],
      [4, 5],
    ]);
    expect(wordIds).toEqual([0, 1, 1, 1]);
  });

  it('gives back any text of its characters', () => {
    const text = fc.array(fc.constantFrom('a', 'b', ' ', '\n', '\u{1d518}')).map((parts) => parts.join(''));
    fc.assert(fc.property(text, (given) => tokenizer.decode(tokenizer.encodeIds(given)) === given));
  });

  it('keeps the most frequent characters, and those that it is given', () => {
    const options = { specialTokens: ['[UNK]'], vocabSize: 3, initialAlphabet: ['z'] };
    expect(Object.keys(trainCharacter(['aab'], options).toJSON().model.vocab)).toEqual(['[UNK]', 'a', 'z']);
    const rare = trainCharacter(['aab'], { specialTokens: ['[UNK]'], minFrequency: 2 });
    expect(Object.keys(rare.toJSON().model.vocab)).toEqual(['[UNK]', 'a']);
  });

  it('opens from its own JSON', () => {
    const json = tokenizer.toJSON();
    expect(tokenizerFromJson(json).toJSON()).toEqual(json);
  });

  it('refuses what cannot work', () => {
    expect(() => trainCharacter([''])).toThrow(DataError);
    expect(() => trainCharacter(['a'], { vocabSize: 5 })).toThrow(ConfigError);
  });
});

describe('residueTokenizer', () => {
  const tokenizer = residueTokenizer();

  it('gives the ids of ESM-2', () => {
    // The vocabulary of facebook/esm2_t6_8M_UR50D numbers L, A, G, V and S from 4 to 8.
    expect(tokenizer.encode('LAGVS').ids).toEqual([0, 4, 5, 6, 7, 8, 2]);
    expect(tokenizer.special).toEqual({ pad: 1, unk: 3, cls: 0, sep: 2, mask: 32 });
    expect(tokenizer.vocabSize).toBe(33);
  });

  it('leaves line breaks out and reads masks', () => {
    const { ids } = tokenizer.encode('MK\nT<mask>?', { addSpecialTokens: false });
    expect(ids).toEqual([20, 15, 11, 32, 3]);
    expect(tokenizer.decode(tokenizer.encodeIds('MK\nT'))).toBe('MKT');
  });
});
