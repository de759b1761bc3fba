import { describe, expect, it } from 'vitest';
import { ConfigError, FormatError } from '../../core/index.js';
import { parseJson } from '../../formats/index.js';
import { trainWordPiece } from '../trainers/wordpiece.js';
import { tokenizerFromJson } from './read.js';
import type { TokenizerJson } from './schema.js';
import { formatTokenizerJson } from './write.js';

const valid: TokenizerJson = trainWordPiece(['the people of the union'], {
  vocabSize: 60,
  minFrequency: 0,
}).toJSON();
const text = formatTokenizerJson(valid);

const open = (json: unknown) => tokenizerFromJson(json, 'f.json');
const openText = (json: string) => open(parseJson(new TextEncoder().encode(json), 'f.json'));

function nested(type: string, field: string, leaf: unknown, depth: number): unknown {
  let component = leaf;
  for (let level = 0; level < depth; level++) component = { type, [field]: [component] };
  return component;
}

function deepArray(depth: number): unknown {
  let value: unknown = [];
  for (let level = 0; level < depth; level++) value = [value];
  return value;
}

const split = (Regex: string) => ({
  ...valid,
  pre_tokenizer: { type: 'Split', pattern: { Regex }, behavior: 'Isolated', invert: false },
});
const added = (...contents: string[]) => ({
  ...valid,
  added_tokens: contents.map((content, index) => ({ ...valid.added_tokens[0], id: 100 + index, content })),
});

describe('a tokenizer.json that is cut off', () => {
  it('is refused wherever it is cut', () => {
    for (let end = 0; end < text.length; end += 7) {
      expect(() => openText(text.slice(0, end))).toThrow(FormatError);
    }
    expect(openText(text).toJSON()).toEqual(valid);
  });
});

describe('a hostile tokenizer.json', () => {
  it.each<[string, unknown]>([
    ['a hundred thousand levels of JSON', { ...valid, model: deepArray(100_000) }],
    ['deep merges', { ...valid, model: { type: 'BPE', vocab: { a: 0 }, merges: [deepArray(50_000)] } }],
    ['a deep added token', { ...valid, added_tokens: [deepArray(50_000)] }],
    [
      'normalizers inside normalizers',
      { ...valid, normalizer: nested('Sequence', 'normalizers', { type: 'NFC' }, 30) },
    ],
    [
      'pre-tokenizers inside each other',
      { ...valid, pre_tokenizer: nested('Sequence', 'pretokenizers', { type: 'Whitespace' }, 30) },
    ],
    [
      'processors inside each other',
      { ...valid, post_processor: nested('Sequence', 'processors', valid.post_processor, 17) },
    ],
    [
      'decoders inside each other',
      { ...valid, decoder: nested('Sequence', 'decoders', { type: 'Fuse' }, 17) },
    ],
    [
      'a thousand normalizers',
      { ...valid, normalizer: { type: 'Sequence', normalizers: new Array(1000).fill({ type: 'NFC' }) } },
    ],
    [
      'a vocabulary of a thousand million',
      { ...valid, model: { ...valid.model, vocab: { '[UNK]': 0, a: 1e9 } } },
    ],
    ['negative ids', { ...valid, model: { ...valid.model, vocab: { '[UNK]': 0, a: -1 } } }],
    ['ids that are no integers', { ...valid, model: { ...valid.model, vocab: { '[UNK]': 0, a: 0.5 } } }],
    ['a hundred thousand added tokens', added(...Array.from({ length: 100_000 }, (_, index) => `x${index}`))],
    ['an added token without an end', added('a'.repeat(100_000))],
    ['an added token twice', added('x', 'y', 'x')],
    ['an added id beyond the vocabulary', added('x')],
    ['an added token of another id', { ...valid, added_tokens: [{ ...valid.added_tokens[0], id: 3 }] }],
    [
      'an added token that is normalised to nothing',
      {
        ...valid,
        added_tokens: [
          ...valid.added_tokens,
          { ...valid.added_tokens[0], id: 60, content: '\u200b', normalized: true },
        ],
      },
    ],
    [
      'padding without an end',
      {
        ...valid,
        padding: {
          strategy: { Fixed: 2 ** 31 },
          direction: 'Right',
          pad_to_multiple_of: null,
          pad_id: 0,
          pad_type_id: 0,
          pad_token: '',
        },
      },
    ],
    [
      'a character map that is cut off',
      { ...valid, normalizer: { type: 'Precompiled', precompiled_charsmap: '/////w==' } },
    ],
    [
      'a character map that is not base64',
      { ...valid, normalizer: { type: 'Precompiled', precompiled_charsmap: '*' } },
    ],
    ['a component named like a property of objects', { ...valid, normalizer: { type: '__proto__' } }],
    ['(a+)+$', split('(a+)+$')],
    ['(a|a)*b', split('(a|a)*b')],
    ['(a|aa)+$', split('(a|aa)+$')],
    ['(.*)*x', split('(.*)*x')],
    ['(a?){50}a{50}', split('(a?){50}a{50}')],
    ['(\\w+\\s?)*$', split('(\\w+\\s?)*$')],
    ['(x+x+)+y', split('(x+x+)+y')],
    ['a*a*a*a*b', split('a*a*a*a*b')],
    ['(?=(a+)+$)', split('(?=(a+)+$)')],
    ['((a{1,30}){1,30}){1,30}b', split('((a{1,30}){1,30}){1,30}b')],
    ['a back-reference', split('(a)\\1')],
    ['ten thousand open groups', split('('.repeat(10_000))],
    ['a pattern of a megabyte', split('a|'.repeat(1 << 19))],
    ['a pattern that repeats a million times', split('a{1000000}')],
  ])('with %s is refused', (_, json) => {
    expect(() => open(json)).toThrow(FormatError);
    expect(() => open(json)).toThrow(/^f\.json: /);
  });

  it('names an unsupported component and where it is', () => {
    const normalizer = { type: 'Sequence', normalizers: [{ type: 'NFC' }, { type: 'Bytes' }] };
    expect(() => open({ ...valid, normalizer })).toThrow(
      /f\.json: normalizer\.normalizers\.1: component "Bytes"/,
    );
  });

  it('says which pattern it refuses', () => {
    expect(() => open(split('(a+)+$'))).toThrow(
      /f\.json: pre_tokenizer\.pattern: pattern "\(a\+\)\+\$": .*time/,
    );
  });

  it('is refused when a key occurs twice', () => {
    expect(() => openText(text.replace('"version"', '"model": null,\n  "version"'))).toThrow(
      /"model" occurs twice/,
    );
  });

  it('cannot change what objects are', () => {
    const special = JSON.parse('{"__proto__":{"id":"__proto__","ids":[2],"tokens":["[CLS]"]}}');
    const piece = { SpecialToken: { id: '__proto__', type_id: 0 } };
    const post_processor = {
      type: 'TemplateProcessing',
      single: [piece],
      pair: [piece],
      special_tokens: special,
    };
    expect(() => open({ ...valid, post_processor })).toThrow(FormatError);
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect('ids' in {}).toBe(false);
  });

  it('cannot make a text grow without end', () => {
    const double = { type: 'Replace', pattern: { String: 'a' }, content: 'aa' };
    const tokenizer = open({
      ...valid,
      normalizer: { type: 'Sequence', normalizers: new Array(60).fill(double) },
    });
    expect(() => tokenizer.encode('a')).toThrow(ConfigError);
  });

  it('with patterns of degree two stays quick on long texts', () => {
    const tokenizer = open(split('\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+|\\S'));
    expect(tokenizer.encode(' '.repeat(20_000)).ids.length).toBeGreaterThan(0);
  });
});
