import { RandomPurpose, RandomStream } from '../core/index.js';

/** Words in a shingle. */
const SHINGLE_WORDS = 5;

/** Rows of a band: candidates share all of one band, so near-duplicates above about (1/16)^(1/8) = 0.71 meet. */
const BAND_ROWS = 8;
const BANDS = 16;
const HASHES = BANDS * BAND_ROWS;

/** The hashes of all stretches of five words of a text, in lower case; of all its words where it is shorter. */
export function shinglesOf(text: string): Set<number> {
  const words = text.toLowerCase().match(/[\p{L}\p{N}\p{M}]+/gu) ?? [];
  const length = Math.min(SHINGLE_WORDS, words.length);
  const shingles = new Set<number>();
  for (let start = 0; length > 0 && start + length <= words.length; start++) {
    shingles.add(hashOf(words.slice(start, start + length).join(' ')));
  }
  return shingles;
}

/** FNV-1a over UTF-16 code units, with the final mix of MurmurHash3: an unsigned 32-bit integer. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Share of shingles that two sets have in common: |A and B| / |A or B|; 1 for two empty sets. */
export function jaccard(a: ReadonlySet<number>, b: ReadonlySet<number>): number {
  if (a.size === 0 && b.size === 0) return 1;
  const [small, large] = a.size < b.size ? [a, b] : [b, a];
  let common = 0;
  for (const shingle of small) common += Number(large.has(shingle));
  return common / (a.size + b.size - common);
}

/** Finds sets that are similar to an earlier one (MinHash, Broder 1997, with locality-sensitive bands). */
export class MinHashIndex {
  private readonly factors = new Uint32Array(HASHES);
  private readonly terms = new Uint32Array(HASHES);
  private readonly buckets = new Map<string, number[]>();

  constructor(seed = 0) {
    const random = new RandomStream(seed, RandomPurpose.sampling);
    for (let index = 0; index < HASHES; index++) {
      this.factors[index] = random.nextUint32() | 1; // odd: a permutation of the 32-bit integers
      this.terms[index] = random.nextUint32();
    }
  }

  /** The keys of the bands of a set: sets that share one are candidates. */
  keysOf(shingles: ReadonlySet<number>): readonly string[] {
    const signature = new Uint32Array(HASHES).fill(0xffffffff);
    for (const shingle of shingles) {
      for (let index = 0; index < HASHES; index++) {
        // Shingles are well-mixed hashes already, so a linear permutation of them will do.
        const hash =
          (Math.imul(shingle, this.factors[index] as number) + (this.terms[index] as number)) >>> 0;
        if (hash < (signature[index] as number)) signature[index] = hash;
      }
    }
    return Array.from(
      { length: BANDS },
      (_, band) => `${band}:${signature.subarray(band * BAND_ROWS, (band + 1) * BAND_ROWS).join()}`,
    );
  }

  /** Numbers of the sets that share a key, in the order they were added. */
  candidates(keys: readonly string[]): readonly number[] {
    const found = new Set(keys.flatMap((key) => this.buckets.get(key) ?? []));
    return [...found].sort((a, b) => a - b);
  }

  add(number: number, keys: readonly string[]): void {
    for (const key of keys) {
      const bucket = this.buckets.get(key);
      if (bucket) bucket.push(number);
      else this.buckets.set(key, [number]);
    }
  }
}
