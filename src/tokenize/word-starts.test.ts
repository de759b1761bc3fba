import { describe, expect, it } from 'vitest';
import { encodeWords, type Tokenizer, trainByteBpe, trainCharacter, trainWordPiece } from './index.js';

const texts = ['the states of the union are united', 'unions state: unite, reunite'];

/** The words that the starts say. */
function wordsOf(tokenizer: Tokenizer, text: string): string[] {
  const { ids, wordStarts } = encodeWords(tokenizer, text);
  expect(ids).toEqual(tokenizer.encodeIds(text));
  const words: number[][] = [];
  for (const [index, id] of ids.entries()) {
    if (wordStarts[index] === 1) words.push([]);
    words.at(-1)?.push(id);
  }
  return words.map((word) => tokenizer.decode(word).trim());
}

describe('encodeWords', () => {
  const text = 'reunited: the states';

  it('finds the words of WordPiece and of byte-level BPE', () => {
    for (const tokenizer of [
      trainWordPiece(texts, { vocabSize: 40, minFrequency: 1 }),
      trainByteBpe(texts, { vocabSize: 300 }),
    ]) {
      expect(tokenizer.encodeIds(text).length).toBeGreaterThan(4);
      expect(wordsOf(tokenizer, text)).toEqual(['reunited', ':', 'the', 'states']);
    }
  });

  it('goes by white space where a tokenizer knows no words', () => {
    const words = wordsOf(trainCharacter(texts), 'the union');
    expect(words.filter((word) => word !== '')).toEqual(['the', 'union']);
  });

  it('takes tokens for words where the text spells a special token', () => {
    const tokenizer = trainWordPiece(texts, { vocabSize: 40, minFrequency: 1 });
    expect([...encodeWords(tokenizer, 'reunited [MASK]').wordStarts]).not.toContain(0);
  });
});
