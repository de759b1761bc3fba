import { Heap } from '../heap.js';
import { PairIndex } from '../pair-index.js';
import type { SymbolWords } from './symbol-words.js';

export interface MergeOptions {
  /** Stop at this many tokens. */
  readonly vocabSize: number;
  /** Stop before a pair that is seen less often than this. */
  readonly minFrequency: number;
  /** Begins every symbol that continues a word; not repeated inside a merged token. */
  readonly continuingSubwordPrefix: string;
  /** Tokens of this many characters and more are not formed, as in the reference; two characters may always merge. */
  readonly maxTokenLength?: number | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Words as symbol ids, and how often each word occurs. */
export interface CountedWords {
  readonly words: SymbolWords;
  readonly counts: ArrayLike<number>;
}

/** Two token ids that are joined. */
export type Merge = readonly [left: number, right: number];

/** A pair of neighbouring symbols that could be merged, with the words that were known to hold it. */
interface PairCandidate {
  /** The pair's number in the index of pairs. */
  readonly pair: number;
  readonly left: number;
  readonly right: number;
  /** Occurrences of the pair when the candidate was queued; may be out of date. */
  count: number;
  readonly words: readonly number[];
}

/** The more frequent pair, then the one of smaller symbols. */
function precedes(a: PairCandidate, b: PairCandidate): boolean {
  if (a.count !== b.count) return a.count > b.count;
  return a.left !== b.left ? a.left < b.left : a.right < b.right;
}

const PROGRESS_INTERVAL = 128;

/**
 * Byte pair encoding (Sennrich et al. 2016, algorithm 1): merges the most frequent pair of neighbouring
 * symbols until the vocabulary is full. Appends the new tokens to `tokens` and returns the merges in order.
 * Follows the bookkeeping of Hugging Face's BpeTrainer step by step, because counts that it lets go stale
 * decide some of its ties, and because a pair that it merges twice has the rank of the second time.
 */
export function learnMerges(tokens: string[], counted: CountedWords, options: MergeOptions): Merge[] {
  const state = new MergeState(tokens, counted, options);
  const merged = new Set<number>();
  while (tokens.length < options.vocabSize) {
    const candidate = state.nextCandidate();
    if (candidate === undefined || candidate.count < Math.max(1, options.minFrequency)) break;
    state.merge(candidate);
    merged.delete(candidate.pair);
    merged.add(candidate.pair);
    if (tokens.length % PROGRESS_INTERVAL === 0) options.onProgress?.(tokens.length, options.vocabSize);
  }
  options.onProgress?.(tokens.length, tokens.length);
  return Array.from(merged, (pair) => state.symbolsOf(pair));
}

class MergeState {
  private readonly words: SymbolWords;
  private readonly wordCounts: ArrayLike<number>;
  private readonly ids: Map<string, number>;
  private readonly prefix: string;
  private readonly maxTokenLength: number;
  /** Characters of each token, without prefix; alphabet and special tokens count one. */
  private readonly lengths: number[];
  private readonly pairs = new PairIndex();
  private readonly pairCounts: number[] = [];
  /** For each pair, the words in which it appeared since its last candidate was queued, each once. */
  private readonly newPlaces: (number[] | undefined)[] = [];
  /** The pairs that have new places. */
  private readonly changedPairs: number[] = [];
  private readonly queue = new Heap<PairCandidate>(precedes);
  private currentWord = 0;

  constructor(
    private readonly tokens: string[],
    { words, counts }: CountedWords,
    { continuingSubwordPrefix, maxTokenLength }: MergeOptions,
  ) {
    this.words = words;
    this.wordCounts = counts;
    this.prefix = continuingSubwordPrefix;
    this.maxTokenLength = maxTokenLength ?? Number.POSITIVE_INFINITY;
    this.ids = new Map(tokens.map((token, id) => [token, id]));
    this.lengths = tokens.map(() => 1);
    const countPair = (left: number, right: number): void => this.pairAppeared(left, right);
    for (this.currentWord = 0; this.currentWord < words.size; this.currentWord++) {
      words.forEachPair(this.currentWord, countPair);
    }
    this.queueNewPlaces();
  }

  symbolsOf(pair: number): Merge {
    return [this.pairs.left(pair), this.pairs.right(pair)];
  }

  /** The pair to merge next, with its true count; undefined when no pair is left. */
  nextCandidate(): PairCandidate | undefined {
    for (;;) {
      const candidate = this.queue.pop();
      if (candidate === undefined) return undefined;
      const count = this.pairCounts[candidate.pair] as number;
      if (candidate.count === count) return candidate;
      candidate.count = count;
      this.queue.push(candidate);
    }
  }

  merge({ left, right, words }: PairCandidate): void {
    const merged = this.mergedToken(left, right);
    for (const word of words) {
      this.currentWord = word;
      this.words.merge(word, left, right, merged, this.onChange);
    }
    this.queueNewPlaces();
  }

  private readonly onChange = (left: number, right: number, change: 1 | -1): void => {
    if (change < 0) {
      const pair = this.pairOf(left, right);
      this.pairCounts[pair] = (this.pairCounts[pair] as number) - this.count(this.currentWord);
    } else if (this.length(left) + this.length(right) < this.maxTokenLength) {
      this.pairAppeared(left, right);
    }
  };

  /** The id of the joined token, which may be known already: "t" + "##he" and "th" + "##e" give the same. */
  private mergedToken(left: number, right: number): number {
    const tail = this.tokens[right] as string;
    const token = this.tokens[left] + (tail.startsWith(this.prefix) ? tail.slice(this.prefix.length) : tail);
    const known = this.ids.get(token);
    if (known !== undefined) return known;
    this.ids.set(token, this.tokens.length);
    this.lengths.push(this.length(left) + this.length(right));
    return this.tokens.push(token) - 1;
  }

  private pairAppeared(left: number, right: number): void {
    const pair = this.pairOf(left, right);
    this.pairCounts[pair] = (this.pairCounts[pair] as number) + this.count(this.currentWord);
    const places = this.newPlaces[pair];
    if (places === undefined) {
      this.newPlaces[pair] = [this.currentWord];
      this.changedPairs.push(pair);
    } else if (places[places.length - 1] !== this.currentWord) {
      places.push(this.currentWord);
    }
  }

  private pairOf(left: number, right: number): number {
    const pair = this.pairs.add(left, right);
    if (pair === this.pairCounts.length) {
      this.pairCounts.push(0);
      this.newPlaces.push(undefined);
    }
    return pair;
  }

  private queueNewPlaces(): void {
    for (const pair of this.changedPairs) {
      const words = this.newPlaces[pair];
      this.newPlaces[pair] = undefined;
      const count = this.pairCounts[pair] as number;
      if (count <= 0 || words === undefined) continue;
      const [left, right] = this.symbolsOf(pair);
      this.queue.push({ pair, left, right, count, words });
    }
    this.changedPairs.length = 0;
  }

  private count(word: number): number {
    return this.wordCounts[word] as number;
  }

  private length(token: number): number {
    return this.lengths[token] as number;
  }
}
