import { describe, expect, it } from 'vitest';
import { FormatError } from '../../core/index.js';
import { readFixtureLines, readGoldens } from '../testing/goldens.js';
import { trainWordPiece } from '../trainers/wordpiece.js';
import { tokenizerFromJson } from './read.js';
import { formatTokenizerJson } from './write.js';

const trained = () => trainWordPiece(readFixtureLines(), { vocabSize: 300, minFrequency: 0 });

/** A deep copy of a small tokenizer.json with the value at `path` replaced. */
function withValue(path: readonly string[], value: unknown): unknown {
  const json: unknown = JSON.parse(JSON.stringify(trained().toJSON()));
  let parent = json as Record<string, unknown>;
  for (const key of path.slice(0, -1)) parent = parent[key] as Record<string, unknown>;
  parent[path.at(-1) as string] = value;
  return json;
}

describe('tokenizer.json', () => {
  it('is what Python tokenizers writes', () => {
    for (const { json } of readGoldens().tokenizers) {
      expect(tokenizerFromJson(json).toJSON()).toEqual(json);
    }
  });

  it("has the reference's components for a tokenizer trained here", () => {
    const { model: _, ...ours } = trained().toJSON();
    expect(readGoldens().tokenizers[0]?.json).toMatchObject(ours);
  });

  it('survives being written and read', () => {
    const tokenizer = trained();
    const text = formatTokenizerJson(tokenizer.toJSON());
    expect(tokenizerFromJson(JSON.parse(text)).toJSON()).toEqual(tokenizer.toJSON());
  });

  it('is formatted as JSON with the vocabulary in order of id', () => {
    const json = trained().toJSON();
    const text = formatTokenizerJson(json);
    expect(JSON.parse(text)).toEqual(json);
    const ids = [...text.slice(text.indexOf('"vocab"')).matchAll(/: (\d+)/g)].map(([, id]) => Number(id));
    expect(ids).toEqual(ids.map((_, index) => index));
  });

  it('keeps a token named __proto__', () => {
    const vocabulary = '{"[PAD]":0,"[UNK]":1,"[CLS]":2,"[SEP]":3,"[MASK]":4,"__proto__":5,"1":6}';
    const tokenizer = tokenizerFromJson(withValue(['model', 'vocab'], JSON.parse(vocabulary)));
    expect(tokenizer.tokenToId('__proto__')).toBe(5);
    const again = tokenizerFromJson(JSON.parse(formatTokenizerJson(tokenizer.toJSON())));
    expect(again.idToToken(5)).toBe('__proto__');
  });

  it('reads BertProcessing as its template', () => {
    const bert = { type: 'BertProcessing', sep: ['[SEP]', 3], cls: ['[CLS]', 2] };
    expect(tokenizerFromJson(withValue(['post_processor'], bert)).toJSON()).toEqual(trained().toJSON());
  });

  it('gives added tokens beyond the vocabulary their ids', () => {
    const json = trained().toJSON();
    const extra = { ...json.added_tokens[0], id: 300, content: '[X]', special: false };
    const tokenizer = tokenizerFromJson({ ...json, added_tokens: [...json.added_tokens, extra] });
    expect(tokenizer.vocabSize).toBe(301);
    expect(tokenizer.encode('a[X]', { addSpecialTokens: false }).ids.at(-1)).toBe(300);
    expect(tokenizer.specialIds).toEqual([0, 1, 2, 3, 4]);
  });

  it('opens without the special tokens of a masked model, which are missed when they are asked for', () => {
    const { special } = tokenizerFromJson(withValue(['added_tokens', '4', 'special'], false));
    expect(special.sep).toBe(3);
    expect(() => special.mask).toThrow(/\[MASK\] or <mask>, found none/);
  });

  it.each<[string, readonly string[], unknown, RegExp]>([
    ['another version', ['version'], '2.0', /f\.json: version: .*"1\.0"/],
    ['truncation', ['truncation'], { max_length: 128 }, /f\.json: truncation\.strategy: /],
    ['an unknown field', ['dropout'], 0.1, /f\.json: top level: .*dropout/],
    ['an unsupported normalizer', ['normalizer'], { type: 'NFX' }, /f\.json: normalizer: component "NFX"/],
    ['no model', ['model'], null, /f\.json: model: .*got null/],
    [
      'an unsupported model',
      ['model'],
      { type: 'SentencePiece' },
      /f\.json: model: component "SentencePiece"/,
    ],
    ['an unsupported decoder', ['decoder'], { type: 'Beam' }, /f\.json: decoder: component "Beam"/],
    ['a prototype name as a type', ['decoder', 'type'], 'constructor', /decoder: component "constructor"/],
    ['a wrong option', ['normalizer', 'lowercase'], 'yes', /f\.json: normalizer\.lowercase: /],
    ['an added token twice', ['added_tokens', '4', 'content'], '[SEP]', /f\.json: .*"\[SEP\]".*same content/],
    ['an empty added token', ['added_tokens', '4', 'content'], '', /f\.json: added_tokens\.4\.content: /],
    ['a wrong added id', ['added_tokens', '4', 'id'], 9, /f\.json: .*"\[MASK\]".*expected id 4, got 9/],
    ['two tokens of one id', ['model', 'vocab', '[MASK]'], 3, /f\.json: model\.vocab: .*distinct integer/],
    ['a vocabulary with a gap', ['model', 'vocab', 'zzzz'], 5000, /f\.json: model\.vocab: id of "zzzz"/],
    ['a vocabulary list', ['model', 'vocab'], ['a'], /f\.json: model\.vocab: expected an object/],
    ['no unknown token', ['model', 'unk_token'], '<unk>', /f\.json: .*<unk>/],
    [
      'an unknown template token',
      ['post_processor', 'special_tokens'],
      {},
      /f\.json: post_processor\.single\.0: /,
    ],
    [
      'a pair template for one text',
      ['post_processor', 'single'],
      [{ Sequence: { id: 'B', type_id: 0 } }],
      /f\.json: post_processor\.single\.0: /,
    ],
  ])('refuses %s and says where', (_, path, value, message) => {
    const json = withValue(path, value);
    expect(() => tokenizerFromJson(json, 'f.json')).toThrow(FormatError);
    expect(() => tokenizerFromJson(json, 'f.json')).toThrow(message);
  });

  it.each([undefined, null, 3, 'text', [], {}])('refuses %j', (json) => {
    expect(() => tokenizerFromJson(json)).toThrow(FormatError);
  });
});
