import { type PairCandidate, PairQueue } from './pair-queue.js';
import { SymbolWords } from './symbol-words.js';

export interface MergeOptions {
  /** Stop at this many tokens. */
  readonly vocabSize: number;
  /** Stop before a pair that is seen less often than this. */
  readonly minFrequency: number;
  /** Begins every symbol that continues a word; not repeated inside a merged token. */
  readonly continuingSubwordPrefix: string;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Words as symbol ids, and how often each word occurs. */
export interface CountedWords {
  readonly words: readonly (readonly number[])[];
  readonly counts: readonly number[];
}

const MAX_SYMBOLS = 2 ** 26;
const PROGRESS_INTERVAL = 128;

/**
 * Byte pair encoding (Sennrich et al. 2016, algorithm 1): merges the most frequent pair of neighbouring
 * symbols until the vocabulary is full. Appends the new tokens to `tokens`. Follows the bookkeeping of Hugging
 * Face's BpeTrainer step by step, because counts that it lets go stale decide some of its ties.
 */
export function learnMerges(tokens: string[], counted: CountedWords, options: MergeOptions): void {
  const state = new MergeState(tokens, counted, options.continuingSubwordPrefix);
  while (tokens.length < options.vocabSize) {
    const candidate = state.nextCandidate();
    if (candidate === undefined || candidate.count < Math.max(1, options.minFrequency)) break;
    state.merge(candidate);
    if (tokens.length % PROGRESS_INTERVAL === 0) options.onProgress?.(tokens.length, options.vocabSize);
  }
  options.onProgress?.(tokens.length, tokens.length);
}

class MergeState {
  private readonly words: SymbolWords;
  private readonly counts: readonly number[];
  private readonly ids: Map<string, number>;
  private readonly pairCounts = new Map<number, number>();
  /** Words in which a pair appeared since its last candidate was queued, each once. */
  private readonly newPlaces = new Map<number, number[]>();
  private readonly queue = new PairQueue();

  constructor(
    private readonly tokens: string[],
    { words, counts }: CountedWords,
    private readonly prefix: string,
  ) {
    this.words = new SymbolWords(words);
    this.counts = counts;
    this.ids = new Map(tokens.map((token, id) => [token, id]));
    for (let word = 0; word < this.words.size; word++) {
      const symbols = this.words.symbolsOf(word);
      for (let at = 1; at < symbols.length; at++) {
        this.countPair(word, symbols[at - 1] as number, symbols[at] as number, 1);
      }
    }
    this.queueNewPlaces();
  }

  /** The pair to merge next, with its true count; undefined when no pair is left. */
  nextCandidate(): PairCandidate | undefined {
    for (;;) {
      const candidate = this.queue.pop();
      if (candidate === undefined) return undefined;
      const count = this.pairCounts.get(pairKey(candidate.left, candidate.right)) as number;
      if (candidate.count === count) return candidate;
      candidate.count = count;
      this.queue.push(candidate);
    }
  }

  merge({ left, right, words }: PairCandidate): void {
    const merged = this.mergedToken(left, right);
    for (const word of words) {
      this.words.merge(word, left, right, merged, (first, second, change) =>
        this.countPair(word, first, second, change),
      );
    }
    this.queueNewPlaces();
  }

  /** The id of the joined token, which may be known already: "t" + "##he" and "th" + "##e" give the same. */
  private mergedToken(left: number, right: number): number {
    const tail = this.tokens[right] as string;
    const token = this.tokens[left] + (tail.startsWith(this.prefix) ? tail.slice(this.prefix.length) : tail);
    const known = this.ids.get(token);
    if (known !== undefined) return known;
    this.ids.set(token, this.tokens.length);
    return this.tokens.push(token) - 1;
  }

  private countPair(word: number, left: number, right: number, change: 1 | -1): void {
    const key = pairKey(left, right);
    this.pairCounts.set(key, (this.pairCounts.get(key) ?? 0) + change * (this.counts[word] as number));
    if (change < 0) return;
    const places = this.newPlaces.get(key);
    if (places === undefined) this.newPlaces.set(key, [word]);
    else if (places[places.length - 1] !== word) places.push(word);
  }

  private queueNewPlaces(): void {
    for (const [key, words] of this.newPlaces) {
      const count = this.pairCounts.get(key) as number;
      if (count <= 0) continue;
      this.queue.push({ left: Math.floor(key / MAX_SYMBOLS), right: key % MAX_SYMBOLS, count, words });
    }
    this.newPlaces.clear();
  }
}

/** One exact number for an ordered pair of symbol ids. */
function pairKey(left: number, right: number): number {
  return left * MAX_SYMBOLS + right;
}
