import { z } from 'zod';
import { add, gatherRows, relu, type Tensor } from '../../graph/index.js';
import { ACTIVATIONS, activations } from '../blocks/activations.js';
import { attentionBias } from '../blocks/attention-bias.js';
import { bertKeys, checkHeads } from '../blocks/bert-config.js';
import { tokenClassifier } from '../blocks/classifiers.js';
import { type DecoderNames, decode, decoderSpecs, tiedDecoder } from '../blocks/decoder.js';
import { flat } from '../blocks/embeddings.js';
import { firstTokens } from '../blocks/pooling.js';
import { learnedPositions } from '../blocks/positions.js';
import { rowsRead } from '../blocks/rows-read.js';
import { denseProjections, selfAttention } from '../blocks/self-attention.js';
import { readConfigKeys } from '../config-codec.js';
import { type BodyInputs, defineFamily } from '../define-family.js';
import { denseSpecs, normSpecs, type ParameterSpec } from '../parameters.js';
import { dense, norm, type Weights } from '../weights.js';

const positive = z.int().positive();

/** DistilBERT's own keys of config.json. */
const schema = z.object({
  vocabSize: bertKeys.vocabSize,
  maxPositionEmbeddings: bertKeys.maxPositionEmbeddings,
  nLayers: positive.default(6),
  nHeads: positive.default(12),
  dim: positive.default(768),
  hiddenDim: positive.default(3072),
  activation: z.enum(ACTIVATIONS).default('gelu'),
  initializerRange: bertKeys.initializerRange,
  padTokenId: bertKeys.padTokenId,
  tieWordEmbeddings: bertKeys.tieWordEmbeddings,
});

type Keys = z.infer<typeof schema>;

/** Configuration of DistilBERT (Sanh et al. 2019), under the names of the other families. */
export interface DistilBertConfig extends Readonly<Omit<Keys, 'nLayers' | 'nHeads' | 'dim' | 'hiddenDim'>> {
  /** `dim` in config.json */
  readonly hiddenSize: number;
  /** `n_layers` */
  readonly numHiddenLayers: number;
  /** `n_heads` */
  readonly numAttentionHeads: number;
  /** `hidden_dim` */
  readonly intermediateSize: number;
}

/** The epsilon of every norm, which the configuration does not hold. */
const EPSILON = 1e-12;

const DECODER: DecoderNames = {
  embeddings: 'distilbert.embeddings.word_embeddings.weight',
  weight: 'vocab_projector.weight',
  bias: 'vocab_projector.bias',
};

function body(config: DistilBertConfig): ParameterSpec[] {
  checkHeads(config);
  const { vocabSize: V, hiddenSize: H, intermediateSize: F, maxPositionEmbeddings } = config;
  const layers = Array.from({ length: config.numHiddenLayers }, (_, layer) => {
    const block = `distilbert.transformer.layer.${layer}`;
    return [
      ...denseSpecs(`${block}.attention.q_lin`, [H, H]),
      ...denseSpecs(`${block}.attention.k_lin`, [H, H]),
      ...denseSpecs(`${block}.attention.v_lin`, [H, H]),
      ...denseSpecs(`${block}.attention.out_lin`, [H, H]),
      ...normSpecs(`${block}.sa_layer_norm`, H),
      ...denseSpecs(`${block}.ffn.lin1`, [F, H]),
      ...denseSpecs(`${block}.ffn.lin2`, [H, F]),
      ...normSpecs(`${block}.output_layer_norm`, H),
    ];
  });
  return [
    { name: DECODER.embeddings, shape: [V, H], kind: 'embedding' },
    {
      name: 'distilbert.embeddings.position_embeddings.weight',
      shape: [maxPositionEmbeddings, H],
      kind: 'embedding',
    },
    ...normSpecs('distilbert.embeddings.LayerNorm', H),
    ...layers.flat(),
  ];
}

/** BERT without token types and pooler, and with other names (section 3). */
function encode(
  weights: Weights,
  config: DistilBertConfig,
  inputs: BodyInputs,
): readonly [Tensor, ...Tensor[]] {
  const { inputIds } = inputs;
  const sizes = inputIds.shape as readonly [number, number];
  const bias = attentionBias(inputIds, inputs);
  const embeddings = weights.at('distilbert.embeddings');
  const words = gatherRows(embeddings.get('word_embeddings.weight'), inputIds); // [B, T, H]
  const positions = learnedPositions(embeddings.get('position_embeddings.weight'), inputIds); // [T, H]
  let x = norm(flat(add(words, positions)), embeddings.at('LayerNorm'), EPSILON); // [B * T, H]
  const all: [Tensor, ...Tensor[]] = [x];
  for (let layer = 0; layer < config.numHiddenLayers; layer++) {
    const block = weights.at(`distilbert.transformer.layer.${layer}`);
    const self = block.at('attention');
    const project = denseProjections(self, 'q_lin', 'k_lin', 'v_lin');
    const rows = layer === config.numHiddenLayers - 1 ? inputs.rows : undefined;
    const context = selfAttention(x, project, { sizes, heads: config.numAttentionHeads, bias, rows });
    const attended = norm(
      add(dense(context, self.at('out_lin')), rowsRead(x, rows)),
      block.at('sa_layer_norm'),
      EPSILON,
    );
    const inner = activations[config.activation](dense(attended, block.at('ffn.lin1'))); // [B * T, F]
    x = norm(add(dense(inner, block.at('ffn.lin2')), attended), block.at('output_layer_norm'), EPSILON);
    all.push(x);
  }
  return all;
}

function readConfig(json: unknown, where: string): DistilBertConfig {
  const { dim, nLayers, nHeads, hiddenDim, ...keys } = readConfigKeys(schema, json, where);
  return {
    ...keys,
    hiddenSize: dim,
    numHiddenLayers: nLayers,
    numAttentionHeads: nHeads,
    intermediateSize: hiddenDim,
  };
}

/** DistilBERT (Sanh et al. 2019, arXiv 1910.01108). */
export const distilBert = defineFamily<DistilBertConfig>({
  modelType: 'distilbert',
  architectures: {
    'fill-mask': ['DistilBertForMaskedLM'],
    'feature-extraction': ['DistilBertModel'],
    'text-classification': ['DistilBertForSequenceClassification'],
    'token-classification': ['DistilBertForTokenClassification'],
    'text-generation': ['LacunaDistilBertForCausalLM'],
  },
  bodyPrefix: 'distilbert.',
  embeddings: DECODER.embeddings,
  decoderBiases: [DECODER.bias],
  tied: (config) => tiedDecoder(DECODER, config.tieWordEmbeddings),
  maxTokens: (config) => config.maxPositionEmbeddings,
  readConfig,
  writeConfig: (config) => ({
    model_type: 'distilbert',
    vocab_size: config.vocabSize,
    dim: config.hiddenSize,
    n_layers: config.numHiddenLayers,
    n_heads: config.numAttentionHeads,
    hidden_dim: config.intermediateSize,
    activation: config.activation,
    max_position_embeddings: config.maxPositionEmbeddings,
    initializer_range: config.initializerRange,
    pad_token_id: config.padTokenId,
    tie_word_embeddings: config.tieWordEmbeddings,
    dropout: 0,
    attention_dropout: 0,
    torch_dtype: 'float32',
  }),
  newConfig: ({ maxTokens, ...sizes }) => ({
    vocabSize: sizes.vocabSize,
    hiddenSize: sizes.hiddenSize,
    numHiddenLayers: sizes.numHiddenLayers,
    numAttentionHeads: sizes.numAttentionHeads,
    intermediateSize: sizes.intermediateSize,
    maxPositionEmbeddings: maxTokens,
    initializerRange: sizes.initializerRange,
    padTokenId: sizes.padTokenId,
    activation: 'gelu',
    tieWordEmbeddings: true,
  }),
  body,
  encode,
  prediction: {
    parameters: (config) => [
      ...denseSpecs('vocab_transform', [config.hiddenSize, config.hiddenSize]),
      ...normSpecs('vocab_layer_norm', config.hiddenSize),
      ...decoderSpecs(DECODER, [config.vocabSize, config.hiddenSize], { tied: config.tieWordEmbeddings }),
    ],
    logits: (weights, config, rows, { validity }) => {
      const activated = activations[config.activation](dense(rows, weights.at('vocab_transform')));
      return decode(weights, DECODER, norm(activated, weights.at('vocab_layer_norm'), EPSILON), validity);
    },
  },
  sequence: {
    parameters: (config, classes) => [
      ...denseSpecs('pre_classifier', [config.hiddenSize, config.hiddenSize]),
      ...denseSpecs('classifier', [classes, config.hiddenSize]),
    ],
    logits: (weights, _, hiddenStates, inputs) => {
      const first = relu(dense(firstTokens(hiddenStates, inputs), weights.at('pre_classifier')));
      return dense(first, weights.at('classifier'));
    },
  },
  token: tokenClassifier,
});
