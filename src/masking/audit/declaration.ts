import type { MaskingVocabulary } from '../mask-sequence.js';
import type { MaskingPolicy } from '../policy.js';

/** The label of a position without loss. */
export const IGNORED_LABEL = -100;

/** A masked sequence as a collator gives it out, ours or any other. */
export interface AuditedSequence {
  /** What the model sees, i32[T]. */
  readonly inputIds: ArrayLike<number>;
  /** The token to predict, or -100, i32[T]. */
  readonly labels: ArrayLike<number>;
  /** The sequence before masking, i32[T], where it is known: without it, it is put together from labels and inputs. */
  readonly originalIds?: ArrayLike<number> | undefined;
}

/** What was declared about the masking of a sequence. */
export interface Declaration {
  readonly vocabulary: MaskingVocabulary;
  readonly policy: MaskingPolicy;
  /** Whether a sequence has floor or ceil of rate times its maskable tokens, at least 1; else each token is drawn by itself. */
  readonly isExact: boolean;
}

/** Mean and variance of the number of predictions in a sequence of `maskable` tokens. */
export function expectedPredictions(
  maskable: number,
  { policy, isExact }: Declaration,
): { readonly mean: number; readonly variance: number } {
  const [least, most] = policy.rateRange ?? [policy.rate, policy.rate];
  const ofRates = (maskable * (most - least)) ** 2 / 12;
  const exact = policy.rate * maskable;
  if (!isExact) return { mean: exact, variance: exact * (1 - policy.rate) + ofRates };
  const fraction = exact - Math.floor(exact);
  const least1 = maskable === 0 ? 0 : Math.min(maskable, Math.max(1, exact));
  const bounded = ofRates === 0 ? least1 : meanOverRates(maskable, least, most);
  return { mean: bounded, variance: (exact <= 1 ? 0 : fraction * (1 - fraction)) + ofRates };
}

/** The mean of max(1, rate * maskable) over a range of rates. */
function meanOverRates(maskable: number, least: number, most: number): number {
  const [a, b] = [least * maskable, most * maskable];
  if (a >= 1) return (a + b) / 2;
  if (b <= 1) return 1;
  return (1 - a + (b * b - 1) / 2) / (b - a);
}

/** Shares of mask, random and kept among predicted positions, a corruption rate of its own taken into account. */
export function declaredShares({ rate, corruptionRate = rate, ...shares }: MaskingPolicy): {
  readonly mask: number;
  readonly random: number;
  readonly keep: number;
} {
  const corrupted = Math.min(1, corruptionRate / rate);
  const [mask, random] = [shares.maskShare * corrupted, shares.randomShare * corrupted];
  return { mask, random, keep: 1 - mask - random };
}
