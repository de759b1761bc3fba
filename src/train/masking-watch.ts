import { type BatchPlan, type PackedSequences, sampledBatches } from '../data/index.js';
import { bertPolicy, type Masker, type MaskingVocabulary, maskedCountBound } from '../masking/index.js';
import type { LanguageModel } from '../model/index.js';
import type { Engine } from '../runtime/index.js';
import { TokenProbe } from './token-probe.js';
import type { ParameterWatch } from './training-run.js';

/** Share of tokens that a probe masks, uniformly: the same question whatever the strategy. */
const PROBE_RATE = 0.15;
const PROBE_BATCH = 16;
/** [CLS] and [SEP] of a packed row. */
const EDGE_TOKENS = 2;

export interface MaskingWatchOptions {
  readonly engine: Engine;
  readonly model: LanguageModel;
  readonly data: PackedSequences;
  readonly vocabulary: MaskingVocabulary;
  readonly seed: number;
}

/**
 * Lets a masker see how the model does: every so many steps a sample of training rows
 * under uniform masks. Undefined for strategies that do not look. Masks follow a probe `every` steps later, so that
 * they are a function of (seed, step, recorded estimates) however far ahead batches are made.
 */
export function maskingWatch(
  masker: Masker,
  { engine, model, data, vocabulary, seed }: MaskingWatchOptions,
): ParameterWatch | undefined {
  const { probe: wanted } = masker;
  if (!wanted) return undefined;
  const { every } = wanted;
  const batchSize = Math.min(PROBE_BATCH, wanted.sequences);
  const { sequenceLength } = data;
  const predictionsPerBatch = batchSize * maskedCountBound(sequenceLength, PROBE_RATE, EDGE_TOKENS);
  const plan: BatchPlan = { batchSize, sequenceLength, predictionsPerBatch };
  const probe = new TokenProbe(engine, model, plan, vocabulary.specialIds);
  return {
    every,
    look: async (step, parameters) => {
      const options = { plan, seed, vocabulary, policy: bertPolicy(PROBE_RATE) };
      const batches = sampledBatches(data, { count: wanted.sequences, step }, options);
      masker.observe(step, every, await probe.observe(parameters, batches));
    },
  };
}
