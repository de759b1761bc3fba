import { z } from 'zod';
import { ConfigError } from '../../core/index.js';
import { ACTIVATIONS } from './activations.js';

const positive = z.int().positive();

/** Keys that BERT and its descendants share, with transformers' defaults. */
export const bertKeys = {
  vocabSize: positive.default(30_522),
  hiddenSize: positive.default(768),
  numHiddenLayers: positive.default(12),
  numAttentionHeads: positive.default(12),
  intermediateSize: positive.default(3072),
  hiddenAct: z.enum(ACTIVATIONS).default('gelu'),
  maxPositionEmbeddings: positive.default(512),
  typeVocabSize: positive.default(2),
  initializerRange: z.number().positive().default(0.02),
  layerNormEps: z.number().positive().default(1e-12),
  padTokenId: z.int().nonnegative().default(0),
  tieWordEmbeddings: z.boolean().default(true),
  positionEmbeddingType: z.literal('absolute').default('absolute'),
  addCrossAttention: z.literal(false).default(false),
};

/** What a config.json of these families says beside what Lacuna computes with. */
export const WITHOUT_DROPOUT = {
  hidden_dropout_prob: 0,
  attention_probs_dropout_prob: 0,
  torch_dtype: 'float32',
};

/** Throws a ConfigError unless the heads divide the width. */
export function checkHeads(config: {
  readonly hiddenSize: number;
  readonly numAttentionHeads: number;
}): void {
  const { hiddenSize, numAttentionHeads } = config;
  if (hiddenSize % numAttentionHeads === 0) return;
  throw new ConfigError(
    `hiddenSize ${hiddenSize} must be a multiple of numAttentionHeads (${numAttentionHeads})`,
  );
}
