import { maskingByToken } from './by-token.js';
import type { MaskingStrategy } from './strategy.js';

/**
 * Tokens that are hard to predict, masked more often: weights exp(surprisal / temperature), as hard examples are mined
 * (Shrivastava et al. 2016, "OHEM"; for masked tokens Zhong et al. 2023, "Self-Evolution Learning"). An infinite temperature
 * is uniform masking. `surprisalNats` is an estimate for each id, f32[V]; see `TokenEstimate`.
 */
export function surprisalMasking(surprisalNats: ArrayLike<number>, temperature: number): MaskingStrategy {
  return maskingByToken(
    'surprisal',
    Float64Array.from(surprisalNats, (nats) => nats / temperature),
  );
}
