import { ConfigError } from '../core/index.js';

/** How many tokens are predicted, and what the model sees in their place. */
export interface MaskingPolicy {
  /** Share of maskable tokens to predict, in (0, 1]. */
  readonly rate: number;
  /** Each sequence draws its own rate uniformly from [least, most] instead; `rate` is then its mean. */
  readonly rateRange?: readonly [number, number] | undefined;
  /**
   * Share of maskable tokens to corrupt, where it is not the rate of prediction (Wettig et al. 2023, "Should You Mask 15%",
   * section 5): what is corrupted beyond the predictions has no loss, what is predicted beyond the corruption is shown as it is.
   */
  readonly corruptionRate?: number | undefined;
  /** Of the predicted positions: the share that shows the mask token. */
  readonly maskShare: number;
  /** The share that shows a random ordinary token. */
  readonly randomShare: number;
  /** The share that shows the token itself. */
  readonly keepShare: number;
}

/** The policy of BERT (Devlin et al. 2019, section 3.1): 80 % mask, 10 % random, 10 % kept. */
export function bertPolicy(rate: number): MaskingPolicy {
  const policy = { rate, maskShare: 0.8, randomShare: 0.1, keepShare: 0.1 };
  checkPolicy(policy);
  return policy;
}

/** Throws a ConfigError when a rate or a share is out of range, or when the shares do not sum to 1. */
export function checkPolicy(policy: MaskingPolicy): void {
  const { rate, rateRange = [rate, rate], corruptionRate = rate, maskShare, randomShare, keepShare } = policy;
  for (const share of [rate, ...rateRange, corruptionRate]) {
    if (!(share > 0 && share <= 1)) throw new ConfigError(`the masking rate must be in (0, 1], got ${share}`);
  }
  const shares = [maskShare, randomShare, keepShare];
  const sum = maskShare + randomShare + keepShare;
  if (shares.some((share) => !(share >= 0)) || Math.abs(sum - 1) > 1e-9) {
    throw new ConfigError(
      `the shares of mask, random and kept must be >= 0 and sum to 1, got ${shares.join(' + ')}`,
    );
  }
}
