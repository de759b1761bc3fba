import { ConfigError, DataError } from '../../core/index.js';
import { SliceMap } from '../slice-map.js';
import { type WordSplitter, wellFormed } from '../word-splitter.js';

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
  let chunkCounts = new SliceMap<Counter>();
  for (const text of texts) {
    splitter.forEachChunk(wellFormed(text), 0, (source, from, to) => {
      const seen = chunkCounts.get(source, from, to);
      if (seen === undefined) chunkCounts.add(source, from, to, { count: 1 });
      else seen.count++;
    });
    if (chunkCounts.size > maxDistinct) chunkCounts = withoutRarest(chunkCounts, maxDistinct >>> 1, options);
  }
  const wordCounts = new Map<string, number>();
  for (const [chunk, { count }] of chunkCounts.entries()) {
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

/** The chunks without those of the smallest counts, so that at most `keep` are left; equal counts go together. */
function withoutRarest(
  chunkCounts: SliceMap<Counter>,
  keep: number,
  { onForget }: CountOptions,
): SliceMap<Counter> {
  const sizes = new Map<number, number>();
  for (const [, { count }] of chunkCounts.entries()) sizes.set(count, (sizes.get(count) ?? 0) + 1);
  let left = chunkCounts.size;
  let largest = 0;
  for (const [count, size] of [...sizes].sort(([a], [b]) => a - b)) {
    if (left <= keep) break;
    left -= size;
    largest = count;
  }
  const kept = new SliceMap<Counter>();
  for (const [chunk, counter] of chunkCounts.entries()) {
    if (counter.count > largest) kept.add(chunk, 0, chunk.length, counter);
  }
  onForget?.(chunkCounts.size - left, largest);
  return kept;
}
