import type { RandomStream } from '../core/index.js';

/** What a strategy sees of a sequence. */
export interface MaskableSequence {
  /** i32[T] */
  readonly ids: Int32Array;
  /** Positions that may be chosen, ascending. */
  readonly maskable: Int32Array;
  /** 1 where a position begins a word, u8[T]; absent where the corpus was packed without words. */
  readonly wordStarts?: Uint8Array | undefined;
}

/** Chooses which positions of a sequence are predicted: a pure function of its arguments. */
export interface MaskingStrategy {
  readonly name: string;
  /**
   * Chooses `maskedCount(maskable.length, rate, random)` positions: as many as any other strategy would.
   * @param sequence the sequence and the positions that may be chosen
   * @param rate share of the maskable positions to choose, in (0, 1]
   * @returns the chosen positions, ascending, without repetition
   */
  choosePositions(sequence: MaskableSequence, rate: number, random: RandomStream): Int32Array;
}

/**
 * How many of `maskable` positions to predict: floor(rate * maskable + u) with u uniform in [0, 1), so that the rate is
 * exact on average (fairseq's probabilistic rounding), and at least 1 where anything is maskable.
 */
export function maskedCount(maskable: number, rate: number, random: RandomStream): number {
  const rounded = Math.floor(rate * maskable + random.nextFloat());
  return Math.min(maskable, Math.max(1, rounded));
}

/**
 * Most positions that any sequence of `sequenceLength` tokens gets: what room to keep per sequence in a batch of fixed
 * size. Sequences that are known to hold at least `specialCount` special ids (packed rows hold 2) need less.
 */
export function maskedCountBound(sequenceLength: number, rate: number, specialCount = 0): number {
  const maskable = Math.max(1, sequenceLength - specialCount);
  return Math.min(maskable, Math.max(1, Math.ceil(rate * maskable)));
}
