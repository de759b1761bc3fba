import { lowerBound, mapRuns, type Runs } from './runs.js';

/** Absolute discount of every count (Ney, Essen & Kneser 1994). */
export const DISCOUNT = 0.75;

/** What follows from one context: the words seen in it, and the mass left for words not seen. */
export interface ContextWords {
  /** Key of word 0 in this context. */
  readonly firstKey: number;
  /** Range of entries in the table. */
  readonly start: number;
  readonly end: number;
  /** Occurrences of the context. */
  readonly total: number;
  /** Mass that discounting leaves to the lower order: discount * kinds / total. */
  readonly backoff: number;
}

/** Words by context: the key of an entry is context * V + word. */
export class ContextTable {
  constructor(
    private readonly runs: Runs,
    private readonly vocabSize: number,
  ) {}

  /** A table of the same n-grams seen from another position; `keyOf` maps a key to context * V + word. */
  static from(runs: Runs, vocabSize: number, keyOf: (key: number) => number): ContextTable {
    return new ContextTable(mapRuns(runs, keyOf), vocabSize);
  }

  /** The words of a context, or undefined when it was never seen. */
  lookUp(context: number): ContextWords | undefined {
    const { keys, counts } = this.runs;
    const firstKey = context * this.vocabSize;
    const start = lowerBound(keys, firstKey);
    let [end, total] = [start, 0];
    for (; end < keys.length && (keys[end] as number) < firstKey + this.vocabSize; end++) {
      total += counts[end] as number;
    }
    if (total === 0) return undefined;
    return { firstKey, start, end, total, backoff: (DISCOUNT * (end - start)) / total };
  }

  /** Calls `visit` with each word of a context and its discounted relative frequency. */
  forEach(words: ContextWords, visit: (word: number, share: number) => void): void {
    for (let entry = words.start; entry < words.end; entry++) {
      const share = ((this.runs.counts[entry] as number) - DISCOUNT) / words.total;
      visit((this.runs.keys[entry] as number) - words.firstKey, share);
    }
  }
}
