import { ConfigError } from '../core/index.js';

/** How the sequences of an optimizer step are computed: in equal micro-batches, one after the other. */
export interface MicroBatching {
  /** Sequences computed at once. */
  readonly microBatchSize: number;
  /** N: micro-batches of a step. */
  readonly microBatches: number;
}

/**
 * Values of one activation, tokens times width, up to which a micro-batch is computed at once: what then is alive stays
 * in the caches (measured: docs/performance.md), and memory does not grow with the batch.
 */
const MICRO_BATCH_VALUES = 2 ** 18;

/** Fewer tokens at once than this do not pay for reading the weights and adding up the gradients. */
const MICRO_BATCH_TOKENS = 1024;

/** The micro-batches of a step by its sizes: the fewest equal ones that are small enough, or what the caller wants. */
export function planMicroBatches(
  { batchSize, sequenceLength, hidden }: { batchSize: number; sequenceLength: number; hidden: number },
  wanted?: number,
): MicroBatching {
  if (wanted !== undefined) {
    if (batchSize % wanted === 0) return { microBatchSize: wanted, microBatches: batchSize / wanted };
    throw new ConfigError(
      `a batch of ${batchSize} sequences cannot be cut into micro-batches of ${wanted}: give a divisor`,
    );
  }
  const tokens = Math.max(MICRO_BATCH_TOKENS, MICRO_BATCH_VALUES / hidden);
  const fits = (count: number) => batchSize % count === 0 && (batchSize / count) * sequenceLength <= tokens;
  let microBatches = 1;
  while (microBatches < batchSize && !fits(microBatches)) microBatches++;
  return { microBatchSize: batchSize / microBatches, microBatches };
}
