import type { PmiVocabulary } from './pmi-vocabulary.js';
import { type MaskingStrategy, maskedCount } from './strategy.js';
import { chooseUnits, unitsOf } from './units.js';

/**
 * Collocations as a whole, everything else token by token (Levine et al. 2021, "PMI-Masking: Principled masking of
 * correlated spans"). A sequence is read from left to right and the longest n-gram of the vocabulary that begins at a token
 * is a unit.
 */
export function pmiMasking({ maxLength, ngrams }: PmiVocabulary): MaskingStrategy {
  const lengthAt = (ids: Int32Array, position: number): number => {
    for (let n = Math.min(maxLength, ids.length - position); n >= 2; n--) {
      if (ngrams.has(ids.subarray(position, position + n).join(' '))) return n;
    }
    return 1;
  };
  return {
    name: 'pmi',
    choosePositions({ ids, maskable }, rate, random) {
      const count = maskedCount(maskable.length, rate, random);
      const begins = new Uint8Array(ids.length);
      for (let place = 0, next = 0; place < maskable.length; place++) {
        const position = maskable[place] as number;
        if (position < next) continue;
        begins[position] = 1;
        next = position + lengthAt(ids, position);
      }
      return chooseUnits(
        maskable,
        unitsOf(maskable, (position) => begins[position] === 1),
        count,
        random,
      );
    },
  };
}
