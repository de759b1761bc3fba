import { z } from 'zod';
import { ConfigError } from '../../core/index.js';
import {
  add,
  attention,
  type Graph,
  gatherRows,
  linear,
  mul,
  reshape,
  rotary,
  split,
  type Tensor,
} from '../../graph/index.js';
import { ACTIVATIONS, type Activation, activations } from '../blocks/activations.js';
import { attentionBias } from '../blocks/attention-bias.js';
import { type DecoderNames, decode, decoderSpecs, tiedDecoder } from '../blocks/decoder.js';
import { fromHeads, toHeads } from '../blocks/heads.js';
import { pooled } from '../blocks/pooling.js';
import { rotaryAngles } from '../blocks/rotary-angles.js';
import { readConfigKeys } from '../config-codec.js';
import { initialiseFromCounts } from '../count-initialisation.js';
import { type BodyInputs, defineFamily, type FamilyDefinition } from '../define-family.js';
import type { ModelConfig } from '../language-model.js';
import { setNeighbourAttention } from '../neighbour-attention.js';
import { denseSpecs, normSpecs, type ParameterSpec } from '../parameters.js';
import { dense, norm, type Weights } from '../weights.js';

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

const DEFAULT_LOCAL_ATTENTION = 128;
const BODY = 'model';
const EMBEDDINGS = `${BODY}.embeddings.tok_embeddings.weight`;
const DECODER: DecoderNames = { embeddings: EMBEDDINGS, weight: 'decoder.weight', bias: 'decoder.bias' };

/** Throws a ConfigError when the sizes do not fit together. */
function checkConfig(config: ModernBertConfig): void {
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

/** Parameters of the encoder, in the order of its forward pass. */
function body(config: ModernBertConfig): ParameterSpec[] {
  checkConfig(config);
  const { vocabSize: V, hiddenSize: H, intermediateSize: F, attentionBias: bias } = config;
  const { normBias = false, mlpBias = false } = config;
  const output = { initialDivisor: outputDivisor(config) };
  const specs: ParameterSpec[] = [
    { name: EMBEDDINGS, shape: [V, H], kind: 'embedding' },
    ...normSpecs(`${BODY}.embeddings.norm`, H, normBias),
  ];
  for (let layer = 0; layer < config.numHiddenLayers; layer++) {
    const prefix = `${BODY}.layers.${layer}`;
    if (layer > 0) specs.push(...normSpecs(`${prefix}.attn_norm`, H, normBias));
    specs.push(
      ...denseSpecs(`${prefix}.attn.Wqkv`, [3 * H, H], { bias, pieces: 3 }),
      ...denseSpecs(`${prefix}.attn.Wo`, [H, H], { bias, ...output }),
      ...normSpecs(`${prefix}.mlp_norm`, H, normBias),
      ...denseSpecs(`${prefix}.mlp.Wi`, [2 * F, H], { bias: mlpBias, pieces: 2 }),
      ...denseSpecs(`${prefix}.mlp.Wo`, [H, F], { bias: mlpBias, ...output }),
    );
  }
  return [...specs, ...normSpecs(`${BODY}.final_norm`, H, normBias)];
}

/** As in transformers' ModernBERT: output projections are drawn smaller by sqrt(2 L). */
function outputDivisor({ numHiddenLayers }: ModernBertConfig): number {
  return Math.sqrt(2 * numHiddenLayers);
}

/**
 * The encoder (section 2.1): token embeddings and a norm; L blocks of pre-norm rotary attention, global in every n-th
 * and within a window in the others, and a pre-norm gated feed-forward layer (GeGLU, Shazeer 2020); a final norm. The
 * first block has no attention norm, because the embeddings have just been normalised.
 */
function encode(
  weights: Weights,
  config: ModernBertConfig,
  inputs: BodyInputs,
): readonly [Tensor, ...Tensor[]] {
  return encodeEmbedded(weights, config, inputs, embed(weights, config, inputs));
}

/** Normalised token embeddings, f32[B * T, H]. */
export function embed(
  weights: Weights,
  { hiddenSize: H, normEps }: ModernBertConfig,
  { inputIds }: BodyInputs,
): Tensor {
  const rows = gatherRows(weights.at(BODY).get('embeddings.tok_embeddings.weight'), inputIds);
  return norm(reshape(rows, [-1, H]), weights.at(BODY).at('embeddings.norm'), normEps);
}

/** The blocks on what `embed` gave, and the final norm: that first, then f32[B * T, H] of each layer. */
export function encodeEmbedded(
  weights: Weights,
  config: ModernBertConfig,
  inputs: BodyInputs,
  embedded: Tensor,
): readonly [Tensor, ...Tensor[]] {
  const { normEps } = config;
  const attend = attentionKinds(config, inputs);
  const model = weights.at(BODY);
  let hiddenStates = embedded;
  const all: [Tensor, ...Tensor[]] = [hiddenStates];
  for (let layer = 0; layer < config.numHiddenLayers; layer++) {
    const block = model.at(`layers.${layer}`);
    const attentionInput = layer === 0 ? hiddenStates : norm(hiddenStates, block.at('attn_norm'), normEps);
    hiddenStates = add(hiddenStates, attend(layer)(block.at('attn'), attentionInput));
    const feedForwardInput = norm(hiddenStates, block.at('mlp_norm'), normEps);
    hiddenStates = add(hiddenStates, feedForward(block.at('mlp'), feedForwardInput, config));
    all.push(hiddenStates);
  }
  all[all.length - 1] = norm(hiddenStates, model.at('final_norm'), normEps);
  return all;
}

type Attend = (weights: Weights, x: Tensor) => Tensor;

/** Global and local attention differ in what a token sees and in the base of the rotation. */
function attentionKinds(config: ModernBertConfig, inputs: BodyInputs): (layer: number) => Attend {
  const { inputIds, attentionMask, isCausal } = inputs;
  const [B, T] = inputIds.shape as readonly [number, number];
  const graph: Graph = inputIds.node.graph;
  const D = config.hiddenSize / config.numAttentionHeads;
  const kind = (theta: number, window?: number): Attend => {
    const [cos, sin] = rotaryAngles(graph, T, D, theta);
    const bias = attentionBias(inputIds, {
      isCausal,
      ...(attentionMask ? { attentionMask } : {}),
      ...(window === undefined ? {} : { window }),
    });
    return (weights, x) => selfAttention(weights, x, config, { B, T, cos, sin, bias });
  };
  const every = config.globalAttnEveryNLayers ?? 1;
  const globally = kind(config.ropeTheta);
  if (every === 1) return () => globally;
  const { localRopeTheta = config.ropeTheta, localAttention = DEFAULT_LOCAL_ATTENTION } = config;
  const locally = kind(localRopeTheta, Math.floor(localAttention / 2));
  return (layer) => (layer % every === 0 ? globally : locally);
}

interface Attention {
  readonly B: number;
  readonly T: number;
  readonly cos: Tensor;
  readonly sin: Tensor;
  readonly bias: Tensor | undefined;
}

function selfAttention(
  weights: Weights,
  x: Tensor,
  { hiddenSize: H, numAttentionHeads: A }: ModernBertConfig,
  { B, T, cos, sin, bias }: Attention,
): Tensor {
  // The weights are cut, not the activations: they are smaller, and so is what has to be copied.
  const projections = split(weights.get('Wqkv.weight'), [H, H, H], 0);
  const whole = weights.find('Wqkv.bias');
  const biases = whole ? split(whole, [H, H, H], 0) : [];
  const [q, k, v] = projections.map((projection, index) => {
    const projected = linear(x, projection, biases[index]); // [B * T, H]
    return toHeads(projected, [B, T], A); // [B, A, T, D]
  }) as [Tensor, Tensor, Tensor];
  const { context } = attention(rotary(q, cos, sin), rotary(k, cos, sin), v, (H / A) ** -0.5, bias);
  return dense(fromHeads(context), weights.at('Wo'));
}

function feedForward(weights: Weights, x: Tensor, config: ModernBertConfig): Tensor {
  const F = config.intermediateSize;
  const projections = split(weights.get('Wi.weight'), [F, F], 0) as [Tensor, Tensor];
  const whole = weights.find('Wi.bias');
  const biases = whole ? split(whole, [F, F], 0) : [];
  const value = activations[config.hiddenActivation](linear(x, projections[0], biases[0])); // [B * T, F]
  return dense(mul(value, linear(x, projections[1], biases[1])), weights.at('Wo'));
}

/** The head that prediction and classification share: a dense layer, an activation, a norm. */
function headSpecs(config: ModernBertConfig): ParameterSpec[] {
  const { hiddenSize: H, classifierBias: bias, normBias = false } = config;
  const scaled = { bias, initialDivisor: outputDivisor(config) };
  return [...denseSpecs('head.dense', [H, H], scaled), ...normSpecs('head.norm', H, normBias)];
}

function transform(weights: Weights, rows: Tensor, config: ModernBertConfig): Tensor {
  const activated = activations[config.classifierActivation](dense(rows, weights.at('head.dense')));
  return norm(activated, weights.at('head.norm'), config.normEps);
}

function classifierSpecs(config: ModernBertConfig, classes: number): ParameterSpec[] {
  return [...headSpecs(config), ...denseSpecs('classifier', [classes, config.hiddenSize])];
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

function readConfig(json: unknown, where: string): ModernBertConfig {
  const { layerTypes, ropeParameters, globalRopeTheta, ...keys } = readConfigKeys(schema, json, where);
  const config = {
    ...keys,
    globalAttnEveryNLayers: layerTypes
      ? everyNth(layerTypes, keys.globalAttnEveryNLayers, where)
      : keys.globalAttnEveryNLayers,
    ropeTheta: ropeParameters?.full_attention?.rope_theta ?? globalRopeTheta,
    localRopeTheta: ropeParameters?.sliding_attention?.rope_theta ?? keys.localRopeTheta,
  };
  checkConfig(config);
  return config;
}

/** The content of config.json: what transformers (4.48 and later, 5) reads. */
function writeConfig(config: ModernBertConfig): Record<string, unknown> {
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

/** ModernBERT (Warner et al. 2024, arXiv 2412.13663). */
export const modernBertDefinition: FamilyDefinition<ModernBertConfig> = {
  modelType: 'modernbert',
  architectures: {
    'fill-mask': ['ModernBertForMaskedLM'],
    'feature-extraction': ['ModernBertModel'],
    'text-classification': ['ModernBertForSequenceClassification'],
    'token-classification': ['ModernBertForTokenClassification'],
    'text-generation': ['LacunaModernBertForCausalLM'],
  },
  bodyPrefix: `${BODY}.`,
  embeddings: EMBEDDINGS,
  decoderBiases: [DECODER.bias],
  tied: (config) => tiedDecoder(DECODER, config.tieWordEmbeddings ?? true),
  maxTokens: (config) => config.maxPositionEmbeddings,
  readConfig,
  writeConfig,
  newConfig: ({ maxTokens, ...sizes }) => ({
    ...sizes,
    maxPositionEmbeddings: maxTokens,
    hiddenActivation: 'gelu',
    classifierActivation: 'gelu',
    normEps: 1e-5,
    ropeTheta: 160_000,
    localRopeTheta: 10_000,
    globalAttnEveryNLayers: 3,
    attentionBias: false,
    classifierBias: false,
  }),
  body,
  encode,
  prediction: {
    parameters: (config) => [
      ...headSpecs(config),
      ...decoderSpecs(DECODER, [config.vocabSize, config.hiddenSize], {
        tied: config.tieWordEmbeddings ?? true,
        bias: config.decoderBias ?? true,
      }),
    ],
    logits: (weights, config, rows, validity) =>
      decode(weights, DECODER, transform(weights, rows, config), validity),
  },
  sequence: {
    parameters: classifierSpecs,
    logits: (weights, config, hiddenStates, inputs) => {
      const first = pooled(hiddenStates, inputs, config.classifierPooling ?? 'cls');
      return dense(transform(weights, first, config), weights.at('classifier'));
    },
  },
  token: {
    parameters: classifierSpecs,
    logits: (weights, config, hiddenStates) =>
      dense(transform(weights, hiddenStates, config), weights.at('classifier')),
  },
  initialise: (values, config, options) => {
    setNeighbourAttention(values, config, options.neighbourOffsets ?? []);
    if (options.counts) initialiseFromCounts(values, config, options.seed, options.counts);
  },
};

export const modernBert = defineFamily(modernBertDefinition);
