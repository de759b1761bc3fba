import type { MaskingStrategy } from './strategy.js';

/**
 * One strategy blended into another over time (curriculum learning, Bengio et al. 2009): each sequence is masked by `to`
 * with probability `progress`, else by `from`.
 * @param progress in [0, 1]
 */
export function curriculumMasking(
  from: MaskingStrategy,
  to: MaskingStrategy,
  progress: number,
): MaskingStrategy {
  return {
    name: 'curriculum',
    choosePositions(sequence, rate, random) {
      const chosen = random.nextFloat() < progress ? to : from;
      return chosen.choosePositions(sequence, rate, random);
    },
  };
}
