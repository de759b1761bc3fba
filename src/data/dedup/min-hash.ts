import { RandomPurpose, RandomStream } from '../../core/index.js';
import { IntegerTable } from './integer-table.js';

/** Words in a shingle. */
const SHINGLE_WORDS = 5;

/** Rows of a band: candidates share all of one band, so near-duplicates above about (1/16)^(1/8) = 0.71 meet. */
const BAND_ROWS = 8;
const BANDS = 16;
const HASHES = BANDS * BAND_ROWS;

const FNV_BASIS = 0x811c9dc5;

/** Sets with one key that are remembered; the others of a template meet them in other bands. */
const MOST_OF_A_KEY = 64;
/** Candidates that are worth a comparison: those with the most bands in common. */
const MOST_CANDIDATES = 32;

/**
 * The hashes of all stretches of five words of a text, in lower case, ascending and each once (u32[shingles]); one hash of
 * all its words where there are fewer.
 */
export function shinglesOf(text: string): Uint32Array {
  const words = text.toLowerCase().match(/[\p{L}\p{N}\p{M}]+/gu) ?? [];
  const length = Math.min(SHINGLE_WORDS, words.length);
  if (length === 0) return new Uint32Array();
  const hashes = Uint32Array.from(words, (word) => hashOf(word));
  const shingles = new Uint32Array(words.length - length + 1);
  for (let start = 0; start < shingles.length; start++) {
    shingles[start] = hashAll(hashes, start, start + length);
  }
  return distinct(shingles.sort());
}

function distinct(sorted: Uint32Array): Uint32Array {
  let count = 0;
  for (const hash of sorted) {
    if (count === 0 || sorted[count - 1] !== hash) sorted[count++] = hash;
  }
  return sorted.slice(0, count);
}

/** FNV-1a over UTF-16 code units, with the final mix of MurmurHash3: an unsigned 32-bit integer; another `basis` gives another hash. */
export function hashOf(text: string, basis = FNV_BASIS): number {
  let hash = basis;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return mixed(hash);
}

/** A hash of hashes in their order. */
function hashAll(hashes: Uint32Array, start: number, end: number): number {
  let hash = FNV_BASIS;
  for (let index = start; index < end; index++) hash = mixed(Math.imul(hash, 31) + (hashes[index] as number));
  return hash;
}

function mixed(value: number): number {
  let hash = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Share of shingles that two ascending sets have in common: |A and B| / |A or B|; 1 for two empty sets. */
export function jaccard(a: Uint32Array, b: Uint32Array): number {
  if (a.length === 0 && b.length === 0) return 1;
  let [common, atA, atB] = [0, 0, 0];
  while (atA < a.length && atB < b.length) {
    const [left, right] = [a[atA] as number, b[atB] as number];
    if (left === right) common++;
    if (left <= right) atA++;
    if (right <= left) atB++;
  }
  return common / (a.length + b.length - common);
}

/** Finds sets that are similar to an earlier one (MinHash, Broder 1997, with locality-sensitive bands). */
export class MinHashIndex {
  private readonly factors = new Uint32Array(HASHES);
  private readonly terms = new Uint32Array(HASHES);
  private readonly table = new IntegerTable();

  constructor(seed = 0) {
    const random = new RandomStream(seed, RandomPurpose.sampling);
    for (let index = 0; index < HASHES; index++) {
      this.factors[index] = random.nextUint32() | 1; // odd: a permutation of the 32-bit integers
      this.terms[index] = random.nextUint32();
    }
  }

  /** The keys of the bands of a set, u32[16]: sets that share one are candidates. */
  keysOf(shingles: Uint32Array): Uint32Array {
    const signature = new Uint32Array(HASHES).fill(0xffffffff);
    const { factors, terms } = this;
    for (const shingle of shingles) {
      for (let index = 0; index < HASHES; index++) {
        // Shingles are well-mixed hashes already, so a linear permutation of them will do.
        const hash = (Math.imul(shingle, factors[index] as number) + (terms[index] as number)) >>> 0;
        if (hash < (signature[index] as number)) signature[index] = hash;
      }
    }
    return Uint32Array.from({ length: BANDS }, (_, band) =>
      mixed(hashAll(signature, band * BAND_ROWS, (band + 1) * BAND_ROWS) + band),
    );
  }

  /** Numbers of the sets that share the most keys, at most 32, the first added first among equals. */
  candidates(keys: Uint32Array): readonly number[] {
    const shared = new Map<number, number>();
    for (const key of keys) {
      for (const number of this.table.valuesOf(key)) shared.set(number, (shared.get(number) ?? 0) + 1);
    }
    return [...shared]
      .sort(([a, sharedA], [b, sharedB]) => sharedB - sharedA || a - b)
      .slice(0, MOST_CANDIDATES)
      .map(([number]) => number);
  }

  add(number: number, keys: Uint32Array): void {
    for (const key of keys) {
      if (this.table.valuesOf(key).length < MOST_OF_A_KEY) this.table.add(key, number);
    }
  }
}
