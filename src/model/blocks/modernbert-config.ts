import { z } from 'zod';
import { ConfigError } from '../../core/index.js';
import { readConfigKeys } from '../config-codec.js';
import type { ModelConfig } from '../language-model.js';
import { ACTIVATIONS, type Activation } from './activations.js';

/**
 * Configuration of ModernBERT (Warner et al. 2024). Keys map one to one to those of transformers' `ModernBertConfig`,
 * `ropeTheta` to `global_rope_theta`. Left out: every layer attends globally, norms and feed-forward layers have no
 * biases, the decoder has one, and a sequence is classified by its first token.
 */
export interface ModernBertConfig extends ModelConfig {
  readonly hiddenActivation: Activation;
  readonly classifierActivation: Activation;
  readonly normEps: number;
  readonly ropeTheta: number;
  /** Biases on the query, key, value and output projections. */
  readonly attentionBias: boolean;
  /** Bias on the dense layer of the prediction head. */
  readonly classifierBias: boolean;
  readonly padTokenId: number;
  readonly clsTokenId?: number | undefined;
  readonly sepTokenId?: number | undefined;
  readonly maskTokenId?: number | undefined;
  /** Every n-th layer, from the first, attends globally; the others within `localAttention`. */
  readonly globalAttnEveryNLayers?: number;
  /** Width of the local window: a token sees half of it to each side. */
  readonly localAttention?: number;
  readonly localRopeTheta?: number;
  readonly normBias?: boolean;
  readonly mlpBias?: boolean;
  readonly decoderBias?: boolean;
  readonly tieWordEmbeddings?: boolean;
  readonly classifierPooling?: 'cls' | 'mean';
}

export const DEFAULT_LOCAL_ATTENTION = 128;

/** Throws a ConfigError when the sizes do not fit together. */
export function checkModernBertConfig(config: ModernBertConfig): void {
  const { hiddenSize, numAttentionHeads } = config;
  for (const key of [
    'vocabSize',
    'hiddenSize',
    'numHiddenLayers',
    'numAttentionHeads',
    'intermediateSize',
  ] as const) {
    if (!Number.isSafeInteger(config[key]) || config[key] < 1) {
      throw new ConfigError(`${key} must be a positive integer, got ${config[key]}`);
    }
  }
  if (hiddenSize % (2 * numAttentionHeads) !== 0) {
    throw new ConfigError(
      `hiddenSize ${hiddenSize} must be a multiple of twice numAttentionHeads (${2 * numAttentionHeads}): rotary heads need an even width`,
    );
  }
}

const positive = z.int().positive();
const id = z.int().nonnegative();
const ropeSchema = z.object({
  rope_type: z.literal('default').optional(),
  rope_theta: z.number().positive(),
});

/** What Lacuna needs of config.json, with transformers' defaults, and the values that it can compute with. */
const schema = z.object({
  vocabSize: positive.default(50_368),
  hiddenSize: positive.default(768),
  numHiddenLayers: positive.default(22),
  numAttentionHeads: positive.default(12),
  intermediateSize: positive.default(1152),
  hiddenActivation: z.enum(ACTIVATIONS).default('gelu'),
  classifierActivation: z.enum(ACTIVATIONS).default('gelu'),
  maxPositionEmbeddings: positive.default(8192),
  normEps: z.number().positive().default(1e-5),
  normBias: z.boolean().default(false),
  attentionBias: z.boolean().default(false),
  mlpBias: z.boolean().default(false),
  decoderBias: z.boolean().default(true),
  classifierBias: z.boolean().default(false),
  classifierPooling: z.enum(['cls', 'mean']).default('cls'),
  globalAttnEveryNLayers: positive.default(3),
  localAttention: positive.default(DEFAULT_LOCAL_ATTENTION),
  globalRopeTheta: z.number().positive().default(160_000),
  localRopeTheta: z.number().positive().default(10_000),
  layerTypes: z.array(z.enum(['full_attention', 'sliding_attention'])).optional(),
  ropeParameters: z
    .object({ full_attention: ropeSchema.optional(), sliding_attention: ropeSchema.optional() })
    .optional(),
  initializerRange: z.number().positive().default(0.02),
  tieWordEmbeddings: z.boolean().default(true),
  padTokenId: id.default(50_283),
  clsTokenId: id.optional(),
  sepTokenId: id.optional(),
  maskTokenId: id.optional(),
});

/** transformers 5 lists the kind of each layer; Lacuna computes every n-th layer globally. */
function everyNth(types: readonly string[], told: number, where: string): number {
  const second = types.indexOf('full_attention', 1);
  const seen = second === -1 ? Math.max(types.length, 1) : second;
  const fits = (every: number) =>
    types.every((type, layer) => (type === 'full_attention') === (layer % every === 0));
  const every = [told, seen].find(fits);
  if (every !== undefined) return every;
  throw new ConfigError(`${where}: layer_types: expected full attention in every n-th layer, got [${types}]`);
}

/** The configuration in a config.json. */
export function readModernBertConfig(json: unknown, where: string): ModernBertConfig {
  const { layerTypes, ropeParameters, globalRopeTheta, ...keys } = readConfigKeys(schema, json, where);
  const config = {
    ...keys,
    globalAttnEveryNLayers: layerTypes
      ? everyNth(layerTypes, keys.globalAttnEveryNLayers, where)
      : keys.globalAttnEveryNLayers,
    ropeTheta: ropeParameters?.full_attention?.rope_theta ?? globalRopeTheta,
    localRopeTheta: ropeParameters?.sliding_attention?.rope_theta ?? keys.localRopeTheta,
  };
  checkModernBertConfig(config);
  return config;
}

/** The content of config.json: what transformers (4.48 and later, 5) reads. */
export function writeModernBertConfig(config: ModernBertConfig): Record<string, unknown> {
  const every = config.globalAttnEveryNLayers ?? 1;
  return {
    model_type: 'modernbert',
    vocab_size: config.vocabSize,
    hidden_size: config.hiddenSize,
    num_hidden_layers: config.numHiddenLayers,
    num_attention_heads: config.numAttentionHeads,
    intermediate_size: config.intermediateSize,
    hidden_activation: config.hiddenActivation,
    classifier_activation: config.classifierActivation,
    max_position_embeddings: config.maxPositionEmbeddings,
    norm_eps: config.normEps,
    norm_bias: config.normBias ?? false,
    attention_bias: config.attentionBias,
    mlp_bias: config.mlpBias ?? false,
    decoder_bias: config.decoderBias ?? true,
    classifier_bias: config.classifierBias,
    classifier_pooling: config.classifierPooling ?? 'cls',
    attention_dropout: 0,
    embedding_dropout: 0,
    mlp_dropout: 0,
    global_attn_every_n_layers: every,
    layer_types: Array.from({ length: config.numHiddenLayers }, (_, layer) =>
      layer % every === 0 ? 'full_attention' : 'sliding_attention',
    ),
    global_rope_theta: config.ropeTheta,
    local_rope_theta: config.localRopeTheta ?? config.ropeTheta,
    local_attention: config.localAttention ?? DEFAULT_LOCAL_ATTENTION,
    initializer_range: config.initializerRange,
    tie_word_embeddings: config.tieWordEmbeddings ?? true,
    pad_token_id: config.padTokenId,
    cls_token_id: config.clsTokenId,
    sep_token_id: config.sepTokenId,
    bos_token_id: config.clsTokenId,
    eos_token_id: config.sepTokenId,
    mask_token_id: config.maskTokenId,
    torch_dtype: 'float32',
  };
}
