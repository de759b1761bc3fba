import { RandomPurpose, RandomStream } from '../../core/index.js';

/** Slots for each pair: cuckoo hashing by two functions works below one half (Pagh & Rodler 2004). */
const SLOTS_PER_PAIR = 2.4;

/** Pairs that are moved for one that is put in, after which the last of them is left out: a table of this load needs few. */
const MOST_MOVES = 500;

/** A pair of numbers from 0 to `tokens` - 1. */
export type Pair = readonly [first: number, second: number];

/** Pairs in a table where each is at one of two places. */
export interface CuckooTable {
  readonly slots: number;
  /** By token, four numbers below `slots`: what it adds to either place of a pair as its first, then as its second. */
  readonly hashes: Uint32Array;
  /** By slot, the index of the pair that lies there, or -1. */
  readonly pairAt: Int32Array;
}

/** A place of a pair: the sum of what both add, modulo the slots (tabulation hashing, Zobrist 1970). */
function placeOf({ slots, hashes }: CuckooTable, [first, second]: Pair, which: 0 | 1): number {
  return ((hashes[4 * first + which] as number) + (hashes[4 * second + 2 + which] as number)) % slots;
}

/** Lays pairs into a table, the same for the same pairs. One that finds no place after many moves, or
 * whose places are the same, is left out. */
export function layPairs(pairs: readonly Pair[], tokens: number): CuckooTable {
  const slots = Math.max(1, Math.ceil(SLOTS_PER_PAIR * pairs.length));
  const random = new RandomStream(0, RandomPurpose.hashing, slots);
  const hashes = Uint32Array.from({ length: 4 * tokens }, () => random.nextInt(slots));
  const table = { slots, hashes, pairAt: new Int32Array(slots).fill(-1) };
  for (const index of pairs.keys()) put(table, pairs, index);
  return table;
}

function put(table: CuckooTable, pairs: readonly Pair[], index: number): void {
  const { pairAt } = table;
  const own = pairs[index] as Pair;
  // Whose places are one and the same would be found at both.
  if (placeOf(table, own, 0) === placeOf(table, own, 1)) return;
  let [moving, place] = [index, placeOf(table, own, 0)];
  for (let move = 0; move < MOST_MOVES; move++) {
    const before = pairAt[place] as number;
    pairAt[place] = moving;
    if (before < 0) return;
    const pair = pairs[before] as Pair;
    const [one, other] = [placeOf(table, pair, 0), placeOf(table, pair, 1)];
    moving = before;
    place = place === one ? other : one;
  }
}
