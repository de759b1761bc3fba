import { maskingByToken } from './by-token.js';
import type { MaskingStrategy } from './strategy.js';

/**
 * The inverse of surprisal masking: tokens that are easy to predict, masked more often, weights exp(-surprisal /
 * temperature). What self-paced learning begins with (Kumar et al. 2010); blend it over time with `curriculumMasking`.
 */
export function easyFirstMasking(surprisalNats: ArrayLike<number>, temperature: number): MaskingStrategy {
  return maskingByToken(
    'easy-first',
    Float64Array.from(surprisalNats, (nats) => -nats / temperature),
  );
}
