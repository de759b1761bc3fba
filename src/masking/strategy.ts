import type { RandomStream } from '../core/index.js';

/** Chooses which positions of a sequence are predicted: a pure function of its arguments. */
export interface MaskingStrategy {
  readonly name: string;
  /**
   * @param ids the sequence, i32[T]
   * @param maskable positions that may be chosen, ascending
   * @param count how many to choose, at most `maskable.length`
   * @returns the chosen positions, ascending
   */
  choosePositions(ids: Int32Array, maskable: Int32Array, count: number, random: RandomStream): Int32Array;
}
