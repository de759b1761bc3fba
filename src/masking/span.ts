import type { RandomStream } from '../core/index.js';
import { type MaskingStrategy, maskedCount } from './strategy.js';
import { type Unit, unitsOf } from './units.js';
import { wordStartsOf } from './whole-word.js';

export interface SpanOptions {
  /** p of the geometric distribution of lengths, in (0, 1]; SpanBERT's is 0.2. */
  readonly p: number;
  /** Longest span; SpanBERT's is 10. Lengths are drawn from the geometric distribution cut off here. */
  readonly max: number;
  /** Whether spans are made of whole words, and their lengths counted in words, as SpanBERT does. */
  readonly words: boolean;
}

/**
 * Spans of neighbouring tokens or words (Joshi et al. 2020, "SpanBERT", section 3.1). A span begins at a place that is
 * not taken yet, all equally likely, and ends at its drawn length, at a special token, at what is already chosen, or where the
 * rate is reached.
 */
export function spanMasking({ p, max, words }: SpanOptions): MaskingStrategy {
  return {
    name: 'span',
    choosePositions(sequence, rate, random) {
      const { maskable } = sequence;
      const count = maskedCount(maskable.length, rate, random);
      const starts = words ? wordStartsOf(sequence, 'span') : undefined;
      const units = unitsOf(maskable, (position) => !starts || starts[position] === 1);
      const taken = new Uint8Array(maskable.length);
      let left = count;
      while (left > 0) {
        const start = freeUnit(units, taken, random);
        left -= takeSpan({ units, taken, maskable }, start, geometricLength(p, max, random), left);
      }
      return maskable.filter((_, place) => taken[place] === 1);
    },
  };
}

/** Length l in 1..max with probability proportional to p (1 - p)^(l - 1), by inversion. */
export function geometricLength(p: number, max: number, random: RandomStream): number {
  if (p >= 1) return 1;
  const total = 1 - (1 - p) ** max;
  const length = Math.ceil(Math.log1p(-random.nextFloat() * total) / Math.log1p(-p));
  return Math.min(max, Math.max(1, length));
}

/** A unit none of whose places is taken, all equally likely; units are taken from their beginning on. */
function freeUnit(units: readonly Unit[], taken: Uint8Array, random: RandomStream): number {
  const isTaken = (index: number) => taken[(units[index] as Unit).last] === 1;
  for (let attempt = 0; attempt < 32; attempt++) {
    const index = random.nextInt(units.length);
    if (!isTaken(index)) return index;
  }
  // Nearly everything is taken: choose among what is left.
  const free = [...units.keys()].filter((index) => !isTaken(index));
  return free[random.nextInt(free.length)] as number;
}

interface Places {
  readonly units: readonly Unit[];
  readonly taken: Uint8Array;
  readonly maskable: Int32Array;
}

/** Takes at most `length` units and `left` places from unit `start` on; gives how many places. */
function takeSpan({ units, taken, maskable }: Places, start: number, length: number, left: number): number {
  let count = 0;
  for (let index = start; index < Math.min(units.length, start + length); index++) {
    const { first, last } = units[index] as Unit;
    const isApart = index > start && maskable[first] !== (maskable[first - 1] as number) + 1;
    if (isApart || taken[first] === 1) break;
    for (let place = first; place <= last; place++) {
      if (count === left) return count;
      taken[place] = 1;
      count++;
    }
  }
  return count;
}
