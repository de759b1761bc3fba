import { DISCOUNT } from '../context-table.js';
import { lowerBound, mapRuns, type Runs } from '../runs.js';

/** Rounds in which the words that a list keeps and the value of the others are fitted to each other. */
const PRUNING_ROUNDS = 4;

/** Which words of which contexts are counted. */
export interface ListOptions {
  readonly vocabSize: number;
  /** Ids that are never predicted. */
  readonly specialIds: ReadonlySet<number>;
  /** Whether a context says nothing. */
  readonly isSilent: (context: number) => boolean;
  /** Occurrences below which a context is left out. */
  readonly fewest: number;
}

/**
 * The words seen in each context, with what each adds to its logit: ln of p(w | context) over what is known of w without
 * the context, relative to words that were not seen there.
 */
export class ContextLists {
  /** Ascending: an id, or first * V + second. */
  readonly contexts: Float64Array;
  /** Entries of context c are `starts[c]` to `starts[c + 1]`, by ascending id. */
  readonly starts: Uint32Array;
  readonly totals: Float64Array;
  readonly ids: Uint32Array;
  readonly counts: Uint32Array;
  readonly values: Float32Array;
  /** Whether an entry is in the list of its context, which may be shorter than all that was seen. */
  readonly isKept: Uint8Array;
  /** What was taken from the values of each context, so that words that are not in its list are right at 0 on average. */
  readonly centres: Float32Array;

  /** Lists of n-grams whose key is context * V + word under `keyOf`. */
  constructor(runs: Runs, keyOf: (key: number) => number, options: ListOptions) {
    const { keys, counts } = mapRuns(runs, keyOf);
    const { vocabSize: V, specialIds, isSilent, fewest } = options;
    const columns = { contexts: [] as number[], starts: [] as number[], totals: [] as number[] };
    const [ids, kept] = [new Uint32Array(keys.length), new Uint32Array(keys.length)];
    let used = 0;
    for (let entry = 0; entry < keys.length; ) {
      const context = Math.floor((keys[entry] as number) / V);
      const start = used;
      let total = 0;
      for (; entry < keys.length && (keys[entry] as number) < (context + 1) * V; entry++) {
        const id = (keys[entry] as number) - context * V;
        if (specialIds.has(id)) continue;
        ids[used] = id;
        kept[used++] = counts[entry] as number;
        total += counts[entry] as number;
      }
      if (total < fewest || total === 0 || isSilent(context)) {
        used = start;
        continue;
      }
      columns.contexts.push(context);
      columns.starts.push(start);
      columns.totals.push(total);
    }
    this.contexts = Float64Array.from(columns.contexts);
    this.starts = Uint32Array.from([...columns.starts, used]);
    this.totals = Float64Array.from(columns.totals);
    this.ids = ids.slice(0, used);
    this.counts = kept.slice(0, used);
    this.values = new Float32Array(used);
    this.isKept = new Uint8Array(used).fill(1);
    this.centres = new Float32Array(this.contexts.length);
  }

  /** Place of a context, or -1. */
  find(context: number): number {
    const place = lowerBound(this.contexts, context);
    return this.contexts[place] === context ? place : -1;
  }

  /** Kinds of words in a context. */
  kinds(place: number): number {
    return this.endOf(place) - this.startOf(place);
  }

  startOf(place: number): number {
    return this.starts[place] as number;
  }

  endOf(place: number): number {
    return this.starts[place + 1] as number;
  }

  /** The entry of a word in a context, or -1. */
  entryOf(place: number, id: number): number {
    let [low, high] = [this.startOf(place), this.endOf(place)];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.ids[middle] as number) < id) low = middle + 1;
      else high = middle;
    }
    return low < this.endOf(place) && this.ids[low] === id ? low : -1;
  }

  /** p(word | context), interpolated with `base`; `without` occurrences of the word there are not counted. */
  probability(context: number, id: number, base: number, without = 0): number {
    const place = this.find(context);
    if (place < 0) return base;
    const entry = this.entryOf(place, id);
    const gone = entry < 0 ? 0 : without;
    const count = entry < 0 ? 0 : (this.counts[entry] as number) - gone;
    const total = (this.totals[place] as number) - gone;
    if (total <= 0) return base;
    const kinds = this.kinds(place) - Number(entry >= 0 && count === 0);
    return (Math.max(0, count - DISCOUNT) + DISCOUNT * kinds * base) / total;
  }

  /** What an entry says beyond `base`, with `without` of its occurrences not counted; 0 where none is left. */
  ratio(place: number, entry: number, base: number, without = 0): number {
    const count = (this.counts[entry] as number) - without;
    if (count <= 0) return 0;
    return Math.log(1 + (count - DISCOUNT) / (DISCOUNT * this.kinds(place) * base));
  }

  /** Sets all values; `baseOf` gives what is known of a word without a context. */
  fill(baseOf: (context: number, id: number) => number): void {
    for (const [place, context] of this.contexts.entries()) {
      for (let entry = this.startOf(place); entry < this.endOf(place); entry++) {
        this.values[entry] = this.ratio(place, entry, baseOf(context, this.ids[entry] as number));
      }
    }
  }

  /**
   * Shortens the list of a context to `width` entries: those whose values, squared and weighted by their probability, are
   * furthest from the mean value of all that is left out, which becomes 0.
   */
  shorten(place: number, width: number, unigram: Float64Array): void {
    const [start, end] = [this.startOf(place), this.endOf(place)];
    if (end - start <= width) return;
    const backoff = (DISCOUNT * (end - start)) / (this.totals[place] as number);
    const worthOf = (entry: number) => this.values[entry] as number;
    const priorOf = (entry: number) => unigram[this.ids[entry] as number] as number;
    const entries = Array.from({ length: end - start }, (_, index) => start + index);
    const shares = new Map(
      entries.map((entry) => [entry, backoff * priorOf(entry) * Math.exp(worthOf(entry))]),
    );
    const shareOf = (entry: number) => shares.get(entry) as number;
    const unseen = backoff * Math.max(0, 1 - entries.reduce((sum, entry) => sum + priorOf(entry), 0));
    let centre = 0;
    for (let round = 0; round < PRUNING_ROUNDS; round++) {
      const weight = (entry: number) => shareOf(entry) * (worthOf(entry) - centre) ** 2;
      const left = entries.sort((a, b) => weight(b) - weight(a)).slice(width);
      const mass = left.reduce((sum, entry) => sum + shareOf(entry), unseen);
      centre = left.reduce((sum, entry) => sum + shareOf(entry) * worthOf(entry), 0) / mass;
    }
    for (const entry of entries.slice(width)) this.isKept[entry] = 0;
    for (let entry = start; entry < end; entry++) this.values[entry] = worthOf(entry) - centre;
    this.centres[place] = centre;
  }
}
