import { SliceMap } from '../slice-map.js';
import { type WordSplitter, wellFormed } from '../word-splitter.js';

/** How often a chunk occurs, and its place in the order of first occurrences. */
interface Counter {
  count: number;
  first: number;
}

/** Counts on their way to another thread: the chunks one after another in `text`. */
export interface PackedCounts {
  readonly text: string;
  /** Of each chunk, in UTF-16 code units. */
  readonly lengths: Int32Array<ArrayBuffer>;
  readonly counts: Float64Array<ArrayBuffer>;
  readonly firsts: Float64Array<ArrayBuffer>;
}

/** Places for the chunks of one block: more than it has characters. */
const PLACES_PER_BLOCK = 2 ** 26;

/** A packed text is cut here: strings have a largest length. */
const PACKED_CHUNKS = 1 << 16;

/** How often each distinct chunk of raw text occurs; every chunk is normalised and cut into words once, at the end. */
export class ChunkCounts {
  private counters = new SliceMap<Counter>();
  private nextPlace = 0;
  private isInOrder = true;

  constructor(private readonly splitter: WordSplitter) {}

  /** Number of distinct chunks. */
  get size(): number {
    return this.counters.size;
  }

  /** The texts that follow are those of block `index`, which decides the order of their chunks. */
  startBlock(index: number): void {
    this.nextPlace = index * PLACES_PER_BLOCK;
  }

  add(text: string): void {
    this.splitter.forEachChunk(wellFormed(text), 0, (source, from, to) => {
      const seen = this.counters.get(source, from, to);
      if (seen === undefined) this.counters.add(source, from, to, { count: 1, first: this.nextPlace++ });
      else seen.count++;
    });
  }

  /** Adds what was counted elsewhere. */
  merge({ text, lengths, counts, firsts }: PackedCounts): void {
    this.isInOrder = false;
    let from = 0;
    for (let chunk = 0; chunk < lengths.length; chunk++) {
      const to = from + (lengths[chunk] as number);
      const [count, first] = [counts[chunk] as number, firsts[chunk] as number];
      const seen = this.counters.get(text, from, to);
      if (seen === undefined) this.counters.add(text, from, to, { count, first });
      else {
        seen.count += count;
        seen.first = Math.min(seen.first, first);
      }
      from = to;
    }
  }

  /** Everything that was counted, after which nothing is. */
  drain(): PackedCounts[] {
    const entries = [...this.counters.entries()];
    this.counters = new SliceMap();
    const parts: PackedCounts[] = [];
    for (let start = 0; start < entries.length; start += PACKED_CHUNKS) {
      const part = entries.slice(start, start + PACKED_CHUNKS);
      parts.push({
        text: part.map(([chunk]) => chunk).join(''),
        lengths: Int32Array.from(part, ([chunk]) => chunk.length),
        counts: Float64Array.from(part, ([, { count }]) => count),
        firsts: Float64Array.from(part, ([, { first }]) => first),
      });
    }
    return parts;
  }

  /**
   * Forgets the chunks of the smallest counts, so that at most `keep` are left; equal counts go together. Gives how many
   * went, and the largest count that one of them had.
   */
  forgetRarest(keep: number): { forgotten: number; largestCount: number } {
    const sizes = new Map<number, number>();
    for (const [, { count }] of this.counters.entries()) sizes.set(count, (sizes.get(count) ?? 0) + 1);
    const before = this.size;
    let left = before;
    let largestCount = 0;
    for (const [count, size] of [...sizes].sort(([a], [b]) => a - b)) {
      if (left <= keep) break;
      left -= size;
      largestCount = count;
    }
    const kept = new SliceMap<Counter>();
    for (const [chunk, counter] of this.counters.entries()) {
      if (counter.count > largestCount) kept.add(chunk, 0, chunk.length, counter);
    }
    this.counters = kept;
    return { forgotten: before - left, largestCount };
  }

  /** How often each word occurs, in the order of their first occurrences. */
  words(): Map<string, number> {
    const wordCounts = new Map<string, number>();
    for (const [chunk, { count }] of this.inOrder()) {
      for (const { text: word } of this.splitter.words(chunk)) {
        wordCounts.set(word, (wordCounts.get(word) ?? 0) + count);
      }
    }
    return wordCounts;
  }

  private inOrder(): Iterable<[chunk: string, counter: Counter]> {
    if (this.isInOrder) return this.counters.entries();
    return [...this.counters.entries()].sort(([, a], [, b]) => a.first - b.first);
  }
}
