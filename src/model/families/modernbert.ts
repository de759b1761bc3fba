import { add, gatherRows, linear, mul, reshape, split, type Tensor } from '../../graph/index.js';
import { activations } from '../blocks/activations.js';
import { attentionBias } from '../blocks/attention-bias.js';
import { type DecoderNames, decode, decoderSpecs, tiedDecoder } from '../blocks/decoder.js';
import {
  checkModernBertConfig,
  DEFAULT_LOCAL_ATTENTION,
  type ModernBertConfig,
  readModernBertConfig,
  writeModernBertConfig,
} from '../blocks/modernbert-config.js';
import { pooled } from '../blocks/pooling.js';
import { rotaryAngles } from '../blocks/rotary-angles.js';
import { rowsRead } from '../blocks/rows-read.js';
import { type Projections, selfAttention } from '../blocks/self-attention.js';
import { initialiseFromCounts } from '../count-initialisation.js';
import { type BodyInputs, defineFamily, type FamilyDefinition } from '../define-family.js';
import { setNeighbourAttention } from '../neighbour-attention.js';
import { denseSpecs, normSpecs, type ParameterSpec } from '../parameters.js';
import { dense, norm, type Weights } from '../weights.js';

const BODY = 'model';
const EMBEDDINGS = `${BODY}.embeddings.tok_embeddings.weight`;
const DECODER: DecoderNames = { embeddings: EMBEDDINGS, weight: 'decoder.weight', bias: 'decoder.bias' };

/** Parameters of the encoder, in the order of its forward pass. */
function body(config: ModernBertConfig): ParameterSpec[] {
  checkModernBertConfig(config);
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

/**
 * The blocks on what `embed` gave, and the final norm: that first, then f32[B * T, H] of each layer, of the last at the rows
 * that are read.
 */
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
    const rows = layer === config.numHiddenLayers - 1 ? inputs.rows : undefined;
    const context = attend(layer)(block.at('attn'), attentionInput, rows);
    hiddenStates = add(rowsRead(hiddenStates, rows), dense(context, block.at('attn.Wo')));
    const feedForwardInput = norm(hiddenStates, block.at('mlp_norm'), normEps);
    hiddenStates = add(hiddenStates, feedForward(block.at('mlp'), feedForwardInput, config));
    all.push(hiddenStates);
  }
  all[all.length - 1] = norm(hiddenStates, model.at('final_norm'), normEps);
  return all;
}

/** Self-attention without its output projection, f32[M, H] at the rows that are read. */
type Attend = (weights: Weights, x: Tensor, rows: Tensor | undefined) => Tensor;

/** Global and local attention differ in what a token sees and in the base of the rotation. */
function attentionKinds(config: ModernBertConfig, inputs: BodyInputs): (layer: number) => Attend {
  const { inputIds, attentionMask, isCausal } = inputs;
  const sizes = inputIds.shape as readonly [number, number];
  const { hiddenSize, numAttentionHeads: heads } = config;
  const kind = (theta: number, window?: number): Attend => {
    const angles = rotaryAngles(inputIds.node.graph, sizes[1], hiddenSize / heads, theta);
    const bias = attentionBias(inputIds, {
      isCausal,
      ...(attentionMask ? { attentionMask } : {}),
      ...(window === undefined ? {} : { window }),
    });
    return (weights, x, rows) =>
      selfAttention(x, projections(weights, hiddenSize), { sizes, heads, bias, angles, rows });
  };
  const every = config.globalAttnEveryNLayers ?? 1;
  const globally = kind(config.ropeTheta);
  if (every === 1) return () => globally;
  const { localRopeTheta = config.ropeTheta, localAttention = DEFAULT_LOCAL_ATTENTION } = config;
  const locally = kind(localRopeTheta, Math.floor(localAttention / 2));
  return (layer) => (layer % every === 0 ? globally : locally);
}

function projections(weights: Weights, H: number): Projections {
  // The weights are cut, not the activations: they are smaller, and so is what has to be copied.
  const parts = split(weights.get('Wqkv.weight'), [H, H, H], 0);
  const whole = weights.find('Wqkv.bias');
  const biases = whole ? split(whole, [H, H, H], 0) : [];
  const by = (index: number) => (x: Tensor) => linear(x, parts[index] as Tensor, biases[index]);
  return { query: by(0), key: by(1), value: by(2) };
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
  readConfig: readModernBertConfig,
  writeConfig: writeModernBertConfig,
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
    logits: (weights, config, rows, { validity }) =>
      decode(weights, DECODER, transform(weights, rows, config), validity),
  },
  sequence: {
    parameters: classifierSpecs,
    readsFirstOnly: ({ classifierPooling = 'cls' }) => classifierPooling === 'cls',
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
