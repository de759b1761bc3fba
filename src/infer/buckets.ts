/**
 * Few fixed shapes for texts of any length: every compiled program has one shape, and the memory of a session is never
 * returned, so rows are padded up to a length of this ladder (a fifth of padding on average, 14 programs at most).
 */
const LENGTHS = [8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512] as const;

/** Tokens of one run: activations of a small model at this size stay in the cache. */
const TOKENS_PER_RUN = 2048;

/** The padded length for `length` tokens; beyond the ladder, the next multiple of 256. */
export function bucketLength(length: number, maxTokens: number): number {
  const step = LENGTHS.find((candidate) => candidate >= length) ?? Math.ceil(length / 256) * 256;
  return Math.max(length, Math.min(step, maxTokens));
}

/** Rows of a full run at a padded length: a power of two, at least 1. */
export function rowsPerRun(sequenceLength: number): number {
  return 2 ** Math.max(0, Math.floor(Math.log2(TOKENS_PER_RUN / sequenceLength)));
}

/** The smallest power of two that is at least `count`. */
export function powerOfTwo(count: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(1, count)));
}
