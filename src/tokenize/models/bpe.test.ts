import { describe, expect, it } from 'vitest';
import { ConfigError, FormatError } from '../../core/index.js';
import { tokenizerFromJson } from '../codec/read.js';
import { BpeModel, type BpeOptions } from './bpe.js';
import type { MergedTokens } from './merge-table.js';

const merges: MergedTokens[] = [
  ['a', 'b'],
  ['b', 'c'],
  ['ab', 'ab'],
];
const tokens = ['<unk>', 'a', 'b', 'c', 'ab', 'bc', 'abab', '\u{1d518}'];

function pieces(word: string, options: BpeOptions = {}, more: string[] = []): [string, number, number][] {
  const model = new BpeModel([...tokens, ...more], merges, options);
  return model.tokenize(word).map(({ id, start, end }) => [model.tokens[id] as string, start, end]);
}

describe('BpeModel', () => {
  it('joins by rank, of equal ranks the leftmost first', () => {
    expect(pieces('abc')).toEqual([
      ['ab', 0, 2],
      ['c', 2, 3],
    ]);
    expect(pieces('ababab').map(([token]) => token)).toEqual(['abab', 'ab']);
  });

  it('joins as the definition says, in words of any length', () => {
    const word = 'abcab'.repeat(500);
    const joined = pieces(word).map(([token]) => token);
    expect(joined.join('')).toBe(word);
    expect(joined.slice(0, 4)).toEqual(['ab', 'c', 'abab', 'c']);
  });

  it('makes unknown tokens of characters outside the vocabulary', () => {
    expect(pieces('axyb', { unkToken: '<unk>' })).toEqual([
      ['a', 0, 1],
      ['<unk>', 1, 2],
      ['<unk>', 2, 3],
      ['b', 3, 4],
    ]);
    expect(pieces('axyb', { unkToken: '<unk>', fuseUnk: true })).toEqual([
      ['a', 0, 1],
      ['<unk>', 1, 3],
      ['b', 3, 4],
    ]);
  });

  it('leaves them out without an unknown token, and still points at the right text', () => {
    // Python tokenizers 0.23.3 says [0, 1) and [1, 2): it counts the lengths of the tokens that are left.
    expect(pieces('axc')).toEqual([
      ['a', 0, 1],
      ['c', 2, 3],
    ]);
  });

  it('spells bytes where it has all of a character', () => {
    const bytes = ['<0xC3>', '<0xA9>', '<0xE2>'];
    const options = { unkToken: '<unk>', byteFallback: true };
    expect(pieces('aé€', options, bytes)).toEqual([
      ['a', 0, 1],
      ['<0xC3>', 1, 2],
      ['<0xA9>', 1, 2],
      ['<unk>', 2, 3],
    ]);
  });

  it('puts prefix and suffix on characters', () => {
    const model = new BpeModel(['l', '##o', '##w</w>', 'w</w>', '##ow</w>'], [['##o', '##w</w>']], {
      continuingSubwordPrefix: '##',
      endOfWordSuffix: '</w>',
    });
    expect(model.tokenize('low').map(({ id }) => model.tokens[id])).toEqual(['l', '##ow</w>']);
    expect(model.tokenize('w').map(({ id }) => model.tokens[id])).toEqual(['w</w>']);
  });

  it('takes whole words for their tokens where merges are ignored', () => {
    expect(pieces('bcbc', {}, ['bcbc']).map(([token]) => token)).toEqual(['bc', 'bc']);
    expect(pieces('bcbc', { ignoreMerges: true }, ['bcbc'])).toEqual([['bcbc', 0, 4]]);
  });

  it('gives a pair that comes twice the later rank', () => {
    const model = new BpeModel(
      ['a', 'b', 'c', 'ab', 'bc'],
      [
        ['a', 'b'],
        ['b', 'c'],
        ['a', 'b'],
      ],
    );
    expect(model.tokenize('abc').map(({ id }) => model.tokens[id])).toEqual(['a', 'bc']);
    expect(model.toJSON().merges).toEqual([
      ['b', 'c'],
      ['a', 'b'],
    ]);
  });

  it('refuses merges and unknown tokens outside the vocabulary', () => {
    expect(() => new BpeModel(['a', 'b'], [['a', 'b']])).toThrow(/merge 0 .*expected "ab"/);
    expect(() => new BpeModel(['a'], [], { unkToken: '<unk>' })).toThrow(ConfigError);
  });
});

describe('BPE in tokenizer.json', () => {
  const file = (model: object) => ({
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: null,
    post_processor: null,
    decoder: null,
    model: { type: 'BPE', vocab: { a: 0, b: 1, ab: 2 }, merges: [['a', 'b']], ...model },
  });

  it('may have merges as one string', () => {
    const tokenizer = tokenizerFromJson(file({ merges: ['a b'] }));
    expect(tokenizer.encode('ab').tokens).toEqual(['ab']);
    expect(tokenizer.toJSON().model.merges).toEqual([['a', 'b']]);
  });

  it.each([
    ['dropout', { dropout: 0.1 }, /f\.json: model\.dropout: dropout is not supported.*0\.1/],
    ['a merge of three', { merges: [['a', 'b', 'a']] }, /f\.json: model\.merges\.0: expected two tokens/],
    ['a merge that is a number', { merges: [7] }, /f\.json: model\.merges\.0: expected two tokens, got 7/],
    ['a merge outside the vocabulary', { merges: [['b', 'a']] }, /f\.json: merge 0 .*"ba"/],
    ['a field that is not known', { temperature: 1 }, /f\.json: model: .*temperature/],
  ])('refuses %s', (_, model, message) => {
    expect(() => tokenizerFromJson(file(model), 'f.json')).toThrow(FormatError);
    expect(() => tokenizerFromJson(file(model), 'f.json')).toThrow(message);
  });
});
