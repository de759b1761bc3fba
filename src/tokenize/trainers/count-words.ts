import { ConfigError, DataError } from '../../core/index.js';
import type { WordSplitter } from '../word-splitter.js';
import { ChunkCounts } from './chunk-counts.js';

/** Words and how often each occurs. */
export type WordCounts = ReadonlyMap<string, number>;

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

const DEFAULT_MAX_DISTINCT_WORDS = 1 << 21;

/**
 * How often each word occurs in `texts`; every distinct chunk of raw text is normalised once. Throws DataError
 * when there is no word.
 */
export function countWords(
  texts: Iterable<string>,
  splitter: WordSplitter,
  options: CountOptions = {},
): WordCounts {
  const bound = new CountBound(options);
  const counts = new ChunkCounts(splitter);
  for (const text of texts) {
    counts.add(text);
    bound.apply(counts);
  }
  return wordsOf(counts);
}

/** Keeps the number of distinct chunks within the options' bound. Throws ConfigError for a bound that is none. */
export class CountBound {
  readonly maxDistinctWords: number;

  constructor(private readonly options: CountOptions) {
    this.maxDistinctWords = options.maxDistinctWords ?? DEFAULT_MAX_DISTINCT_WORDS;
    if (!Number.isInteger(this.maxDistinctWords) || this.maxDistinctWords < 1) {
      throw new ConfigError(
        `maxDistinctWords: expected an integer of at least 1, got ${this.maxDistinctWords}`,
      );
    }
  }

  apply(counts: ChunkCounts): void {
    if (counts.size <= this.maxDistinctWords) return;
    const { forgotten, largestCount } = counts.forgetRarest(this.maxDistinctWords >>> 1);
    this.options.onForget?.(forgotten, largestCount);
  }
}

/** The words of what was counted. Throws DataError when there is none. */
export function wordsOf(counts: ChunkCounts): WordCounts {
  const words = counts.words();
  if (words.size === 0) {
    throw new DataError('tokenizer training: expected text with at least one word, got none');
  }
  return words;
}
