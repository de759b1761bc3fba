import { describe, expect, it } from 'vitest';
import { ConfigError, DataError } from '../../core/index.js';
import { type ScoredPiece, UnigramModel } from './unigram.js';

const vocabulary: ScoredPiece[] = [
  ['<unk>', 0],
  ['a', -1],
  ['b', -1],
  ['ab', -3],
  ['abc', -0.5],
  ['\u{1d518}', -2],
  ['<0xC3>', -9],
  ['<0xA9>', -9],
];

function pieces(word: string, byteFallback = false): [string, number, number][] {
  const model = new UnigramModel(vocabulary, { unkId: 0, byteFallback });
  return model.tokenize(word).map(({ id, start, end }) => [model.tokens[id] as string, start, end]);
}

describe('UnigramModel', () => {
  it('gives the pieces whose scores have the largest sum', () => {
    expect(pieces('ab').map(([token]) => token)).toEqual(['a', 'b']);
    expect(pieces('aabc')).toEqual([
      ['a', 0, 1],
      ['abc', 1, 4],
    ]);
  });

  it('makes one unknown token of unknown characters in a row', () => {
    expect(pieces('axy\u{1d518}z')).toEqual([
      ['a', 0, 1],
      ['<unk>', 1, 3],
      ['\u{1d518}', 3, 5],
      ['<unk>', 5, 6],
    ]);
  });

  it('spells bytes where it has all of an unknown stretch', () => {
    expect(pieces('aé', true)).toEqual([
      ['a', 0, 1],
      ['<0xC3>', 1, 2],
      ['<0xA9>', 1, 2],
    ]);
    expect(pieces('éè', true)).toEqual([['<unk>', 0, 2]]);
  });

  it('refuses unknown characters without an unknown token', () => {
    const model = new UnigramModel(vocabulary, { unkId: null });
    expect(model.tokenize('ab')).toHaveLength(2);
    expect(() => model.tokenize('ax')).toThrow(DataError);
  });

  it('needs its unknown token', () => {
    expect(() => new UnigramModel(vocabulary, { unkId: 8 })).toThrow(ConfigError);
  });
});
