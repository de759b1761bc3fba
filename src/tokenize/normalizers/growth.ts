import { ConfigError } from '../../core/index.js';

/** Code units that a normalised text may always have, and how many times as long as its source it may be. */
const ALWAYS = 1 << 20;
const FACTOR = 64;

/** Throws ConfigError where replacements let a text grow without reason: a few in a row could fill any memory. */
export function checkGrowth(sourceLength: number, length: number): void {
  const limit = Math.max(ALWAYS, FACTOR * sourceLength);
  if (length <= limit) return;
  throw new ConfigError(
    `normalizer: expected at most ${limit} code units from ${sourceLength}, got ${length}; its replacements make texts too long`,
  );
}
