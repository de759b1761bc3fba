import { ConfigError, DataError } from '../../core/index.js';
import { detached, type WordSplitter, wellFormed } from '../word-splitter.js';

/** How texts are counted. */
export interface CountOptions {
  /**
   * Distinct stretches of text that are counted at once, which bounds memory at about 100 bytes each; 2^21 by
   * default. When a corpus has more, the rarest are forgotten, down to half, and counting goes on: words that are
   * rare and far apart then count too little (as in lossy counting, Manku and Motwani 2002).
   */
  readonly maxDistinctWords?: number;
  /** Called when words are forgotten, with how many and the largest count that one of them had. */
  readonly onForget?: (words: number, largestCount: number) => void;
}

export const DEFAULT_MAX_DISTINCT_WORDS = 1 << 21;

/**
 * How often each word occurs in `texts`; every distinct chunk of raw text is normalised once. Throws DataError
 * when there is no word.
 */
export function countWords(
  texts: Iterable<string>,
  splitter: WordSplitter,
  options: CountOptions = {},
): Map<string, number> {
  const maxDistinct = options.maxDistinctWords ?? DEFAULT_MAX_DISTINCT_WORDS;
  if (!Number.isInteger(maxDistinct) || maxDistinct < 1) {
    throw new ConfigError(`maxDistinctWords: expected an integer of at least 1, got ${maxDistinct}`);
  }
  const chunkCounts = new Map<string, Counter>();
  for (const text of texts) {
    splitter.forEachChunk(wellFormed(text), 0, (chunk) => {
      const seen = chunkCounts.get(chunk);
      if (seen === undefined) chunkCounts.set(detached(chunk), { count: 1 });
      else seen.count++;
    });
    if (chunkCounts.size > maxDistinct) forgetRarest(chunkCounts, maxDistinct >>> 1, options);
  }
  const wordCounts = new Map<string, number>();
  for (const [chunk, { count }] of chunkCounts) {
    for (const { text: word } of splitter.words(chunk))
      wordCounts.set(word, (wordCounts.get(word) ?? 0) + count);
  }
  if (wordCounts.size === 0) {
    throw new DataError('tokenizer training: expected text with at least one word, got none');
  }
  return wordCounts;
}

interface Counter {
  count: number;
}

/** Deletes the chunks of the smallest counts until at most `keep` are left; equal counts go together. */
function forgetRarest(chunkCounts: Map<string, Counter>, keep: number, { onForget }: CountOptions): void {
  const sizes = new Map<number, number>();
  for (const { count } of chunkCounts.values()) sizes.set(count, (sizes.get(count) ?? 0) + 1);
  const before = chunkCounts.size;
  let left = before;
  let largest = 0;
  for (const [count, size] of [...sizes].sort(([a], [b]) => a - b)) {
    if (left <= keep) break;
    left -= size;
    largest = count;
  }
  for (const [chunk, { count }] of chunkCounts) if (count <= largest) chunkCounts.delete(chunk);
  onForget?.(before - left, largest);
}
