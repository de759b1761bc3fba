import { describe, expect, it } from 'vitest';
import { ConfigError, DataError } from '../../core/index.js';
import { NoNormalizer } from '../normalizers/none.js';
import { BertPreTokenizer } from '../pre-tokenizers/bert.js';
import { WordSplitter } from '../word-splitter.js';
import { type CountOptions, countWords } from './count-words.js';

function count(texts: Iterable<string>, options?: CountOptions): Record<string, number> {
  const splitter = new WordSplitter(new NoNormalizer(), new BertPreTokenizer());
  return Object.fromEntries(countWords(texts, splitter, options));
}

describe('countWords', () => {
  it('counts the words of all texts', () => {
    expect(count(['a b,', 'b', ''])).toEqual({ a: 1, b: 2, ',': 1 });
  });

  it('forgets the rarest words when there are too many, and says so', () => {
    const forgotten: [number, number][] = [];
    const texts = ['a a a b b c', 'd e', 'a e'];
    const options = {
      maxDistinctWords: 4,
      onForget: (...call: [number, number]) => forgotten.push(call),
    };
    expect(count(texts, options)).toEqual({ a: 4, b: 2, e: 1 });
    expect(forgotten).toEqual([[3, 1]]);
  });

  it('stays within its bound on endless new words', () => {
    let forgotten = 0;
    function* texts() {
      for (let index = 0; index < 5000; index++) yield `word${index} again`;
    }
    const counts = count(texts(), { maxDistinctWords: 100, onForget: (words) => (forgotten += words) });
    expect(counts.again).toBe(5000);
    expect(Object.keys(counts).length).toBeLessThanOrEqual(101);
    expect(Object.keys(counts).length + forgotten).toBe(5001);
  });

  it('refuses texts without words, and a bound that is none', () => {
    expect(() => count([' '])).toThrow(DataError);
    expect(() => count(['a'], { maxDistinctWords: 0 })).toThrow(ConfigError);
  });
});
