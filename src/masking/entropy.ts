import { maskingByToken } from './by-token.js';
import type { MaskingStrategy } from './strategy.js';

/**
 * Tokens in whose place the model is undecided, masked more often: weights exp(entropy / temperature), uncertainty sampling
 * (Lewis and Gale 1994) of masks. Unlike surprisal it does not chase tokens that the model is sure about and wrong, such as
 * noise. `entropyNats` is an estimate for each id, f32[V]; see `TokenEstimate`.
 */
export function entropyMasking(entropyNats: ArrayLike<number>, temperature: number): MaskingStrategy {
  return maskingByToken(
    'entropy',
    Float64Array.from(entropyNats, (nats) => nats / temperature),
  );
}
