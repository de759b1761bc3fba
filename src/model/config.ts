import { z } from 'zod';
import { ConfigError } from '../core/index.js';

/** Activations of the gated feed-forward layer and of the prediction head, by their names in transformers. */
export const ACTIVATIONS = ['gelu', 'relu', 'relu2', 'linear'] as const;
export type Activation = (typeof ACTIVATIONS)[number];

/**
 * Configuration of a ModernBERT masked language model (Warner et al. 2024). Keys map one to one to those of
 * transformers' `ModernBertConfig`; all attention is global here.
 */
export interface ModernBertConfig {
  readonly vocabSize: number;
  /** H */
  readonly hiddenSize: number;
  /** L */
  readonly numHiddenLayers: number;
  /** A */
  readonly numAttentionHeads: number;
  /** F: width of each half of the gated feed-forward layer */
  readonly intermediateSize: number;
  readonly hiddenActivation: Activation;
  readonly classifierActivation: Activation;
  readonly maxPositionEmbeddings: number;
  readonly normEps: number;
  readonly ropeTheta: number;
  /** Biases on the query, key, value and output projections. */
  readonly attentionBias: boolean;
  /** Bias on the dense layer of the prediction head. */
  readonly classifierBias: boolean;
  readonly initializerRange: number;
  readonly padTokenId: number;
  readonly clsTokenId: number;
  readonly sepTokenId: number;
  readonly maskTokenId: number;
}

/** Throws a ConfigError when the sizes do not fit together. */
export function checkConfig(config: ModernBertConfig): void {
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

/** The content of config.json: what transformers (4.48 and later, 5) reads. */
export function toHuggingFaceConfig(config: ModernBertConfig): Record<string, unknown> {
  return {
    architectures: ['ModernBertForMaskedLM'],
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
    norm_bias: false,
    attention_bias: config.attentionBias,
    mlp_bias: false,
    decoder_bias: true,
    classifier_bias: config.classifierBias,
    attention_dropout: 0,
    embedding_dropout: 0,
    mlp_dropout: 0,
    global_attn_every_n_layers: 1,
    global_rope_theta: config.ropeTheta,
    local_rope_theta: config.ropeTheta,
    local_attention: 128,
    initializer_range: config.initializerRange,
    tie_word_embeddings: true,
    pad_token_id: config.padTokenId,
    cls_token_id: config.clsTokenId,
    sep_token_id: config.sepTokenId,
    bos_token_id: config.clsTokenId,
    eos_token_id: config.sepTokenId,
    mask_token_id: config.maskTokenId,
    torch_dtype: 'float32',
  };
}

const positive = z.number().int().positive();
const id = z.number().int().nonnegative();

/** What Lacuna needs of a foreign config.json, and the values that it can compute with. */
const huggingFaceSchema = z.object({
  model_type: z.literal('modernbert'),
  vocab_size: positive,
  hidden_size: positive,
  num_hidden_layers: positive,
  num_attention_heads: positive,
  intermediate_size: positive,
  hidden_activation: z.enum(ACTIVATIONS),
  classifier_activation: z.enum(ACTIVATIONS),
  max_position_embeddings: positive,
  norm_eps: z.number().positive(),
  norm_bias: z.literal(false),
  attention_bias: z.boolean(),
  mlp_bias: z.literal(false),
  decoder_bias: z.literal(true),
  classifier_bias: z.boolean(),
  global_attn_every_n_layers: z.literal(1),
  global_rope_theta: z.number().positive(),
  initializer_range: z.number().positive(),
  tie_word_embeddings: z.literal(true),
  pad_token_id: id,
  cls_token_id: id,
  sep_token_id: id,
  mask_token_id: id,
});

/** Reads config.json; a FormatError-like ConfigError names the file, the key and what was expected. */
export function fromHuggingFaceConfig(json: unknown, where: string): ModernBertConfig {
  const parsed = huggingFaceSchema.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new ConfigError(
      `${where}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is not a configuration'}`,
    );
  }
  const hf = parsed.data;
  return {
    vocabSize: hf.vocab_size,
    hiddenSize: hf.hidden_size,
    numHiddenLayers: hf.num_hidden_layers,
    numAttentionHeads: hf.num_attention_heads,
    intermediateSize: hf.intermediate_size,
    hiddenActivation: hf.hidden_activation,
    classifierActivation: hf.classifier_activation,
    maxPositionEmbeddings: hf.max_position_embeddings,
    normEps: hf.norm_eps,
    ropeTheta: hf.global_rope_theta,
    attentionBias: hf.attention_bias,
    classifierBias: hf.classifier_bias,
    initializerRange: hf.initializer_range,
    padTokenId: hf.pad_token_id,
    clsTokenId: hf.cls_token_id,
    sepTokenId: hf.sep_token_id,
    maskTokenId: hf.mask_token_id,
  };
}
