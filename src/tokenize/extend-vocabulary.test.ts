import { describe, expect, it } from 'vitest';
import { extendVocabulary } from './extend-vocabulary.js';
import { tokenizerFromJson, trainByteBpe, trainUnigram, trainWordPiece } from './index.js';

const OLD = Array.from({ length: 30 }, () => 'the state of the union is strong and the people are free');
const NEW = Array.from(
  { length: 20 },
  () => 'the harpooneer saw the whale and the harpooneer sang of the whale',
);

describe.each([
  ['WordPiece', trainWordPiece(OLD.concat('wharponeslg'.split('').join(' ')), { vocabSize: 80 })],
  ['byte-level BPE', trainByteBpe(OLD, { vocabSize: 320 })],
] as const)('extending a %s vocabulary', (name, tokenizer) => {
  const { tokenizer: extended, added, counts } = extendVocabulary(tokenizer, NEW, 12);

  it('makes single tokens of the words that save the most, and keeps every old id', () => {
    const words = added.map(({ id }) => extended.idToToken(id)?.replace('Ġ', ''));
    expect(words[0]).toBe('harpooneer');
    expect(extended.vocabSize).toBeLessThanOrEqual(tokenizer.vocabSize + 12);
    for (let id = 0; id < tokenizer.vocabSize; id++) {
      expect(extended.idToToken(id)).toBe(tokenizer.idToToken(id));
    }
    for (const { id, pieces, occurrences } of added) {
      expect(id).toBeGreaterThanOrEqual(tokenizer.vocabSize);
      expect(pieces.length).toBeGreaterThan(1);
      expect(occurrences).toBeGreaterThanOrEqual(3);
    }
  });

  it('encodes new text in fewer tokens, old text as before, and decodes alike', () => {
    const [text = ''] = NEW;
    expect(extended.encodeIds(text).length).toBeLessThan(tokenizer.encodeIds(text).length);
    expect(extended.encodeIds(OLD[0] ?? '')).toEqual(tokenizer.encodeIds(OLD[0] ?? ''));
    expect(extended.decode(extended.encodeIds(text))).toBe(tokenizer.decode(tokenizer.encodeIds(text)));
  });

  it('counts the old tokens, and survives tokenizer.json', () => {
    const total = NEW.reduce((sum, text) => sum + tokenizer.encodeIds(text).length, 0);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(total);
    const again = tokenizerFromJson(JSON.parse(JSON.stringify(extended.toJSON())), name);
    expect(again.encodeIds(NEW[0] ?? '')).toEqual(extended.encodeIds(NEW[0] ?? ''));
  });

  it('refuses when every frequent word is a token', () => {
    expect(() => extendVocabulary(extended, ['the the the'], 5)).toThrow('has all frequent words');
  });
});

it('refuses a vocabulary that it cannot extend', () => {
  const unigram = trainUnigram(OLD, { vocabSize: 60 });
  expect(() => extendVocabulary(unigram, NEW, 5)).toThrow('of type Unigram cannot be extended');
});
