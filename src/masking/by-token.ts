import { sampleByWeight } from './sample.js';
import { type MaskingStrategy, maskedCount } from './strategy.js';

/**
 * Positions in proportion to exp(log weight) of their token, without replacement: the common ground of the strategies that
 * prefer some tokens to others. Weights f32[V] or longer numbers.
 */
export function maskingByToken(name: string, logWeights: ArrayLike<number>): MaskingStrategy {
  return {
    name,
    choosePositions({ ids, maskable }, rate, random) {
      const count = maskedCount(maskable.length, rate, random);
      const logWeight = (position: number) => logWeights[ids[position] as number] as number;
      return sampleByWeight(maskable, logWeight, count, random);
    },
  };
}
