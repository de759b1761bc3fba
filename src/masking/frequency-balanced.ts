import { maskingByToken } from './by-token.js';
import type { MaskingStrategy } from './strategy.js';

/**
 * Rare tokens masked more often: weights count^-power, the subsampling of frequent words (Mikolov et al. 2013, eq. 5, whose
 * power is 1/2) turned to masks. Power 0 is uniform masking; power 1 predicts every type of token about equally often.
 * `counts` are those of the training corpus, one for each id.
 */
export function frequencyBalancedMasking(counts: ArrayLike<number>, power: number): MaskingStrategy {
  return maskingByToken(
    'frequency-balanced',
    Float64Array.from(counts, (count) => -power * Math.log(Math.max(1, count))),
  );
}
