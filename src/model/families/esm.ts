import { z } from 'zod';
import { ConfigError } from '../../core/index.js';
import {
  add,
  addScalar,
  cast,
  constant,
  div,
  gatherRows,
  gelu,
  mul,
  reduceSum,
  reshape,
  scale,
  type Tensor,
  tanh,
} from '../../graph/index.js';
import { attentionBias } from '../blocks/attention-bias.js';
import { bertKeys, WITHOUT_DROPOUT } from '../blocks/bert-config.js';
import { firstTokenClassifier, tokenClassifier } from '../blocks/classifiers.js';
import { tiedDecoder } from '../blocks/decoder.js';
import { flat } from '../blocks/embeddings.js';
import { isId } from '../blocks/positions.js';
import { robertaDecoder, robertaPrediction } from '../blocks/roberta-prediction.js';
import { rotaryAngles } from '../blocks/rotary-angles.js';
import { rowsRead } from '../blocks/rows-read.js';
import { denseProjections, selfAttention } from '../blocks/self-attention.js';
import { readConfigKeys, writeConfigKeys } from '../config-codec.js';
import { type BodyInputs, defineFamily } from '../define-family.js';
import { denseSpecs, normSpecs, type ParameterSpec } from '../parameters.js';
import { dense, norm, type Weights } from '../weights.js';

const schema = z.object({
  vocabSize: z.int().positive(),
  maskTokenId: z.int().nonnegative(),
  padTokenId: z.int().nonnegative(),
  hiddenSize: bertKeys.hiddenSize,
  numHiddenLayers: bertKeys.numHiddenLayers,
  numAttentionHeads: bertKeys.numAttentionHeads,
  intermediateSize: bertKeys.intermediateSize,
  maxPositionEmbeddings: bertKeys.maxPositionEmbeddings.unwrap().default(1026),
  initializerRange: bertKeys.initializerRange,
  layerNormEps: bertKeys.layerNormEps,
  ropeTheta: z.number().positive().default(10_000),
  positionEmbeddingType: z.literal('rotary'),
  embLayerNormBefore: z.boolean().default(false),
  tokenDropout: z.boolean().default(false),
  isFoldingModel: z.literal(false).default(false),
  tieWordEmbeddings: z.boolean().default(true),
});

/** Configuration of ESM-2 (Lin et al. 2022); keys map one to one to those of transformers' `EsmConfig`. */
export type EsmConfig = Readonly<z.infer<typeof schema>>;

const EMBEDDINGS = 'esm.embeddings.word_embeddings.weight';
const DECODER = robertaDecoder(EMBEDDINGS);

/** Share of the tokens that ESM saw masked in training: 15 %, of which 80 % became the mask token. */
const MASKED_IN_TRAINING = 0.15 * 0.8;

function body(config: EsmConfig): ParameterSpec[] {
  const { vocabSize: V, hiddenSize: H, intermediateSize: F, numAttentionHeads: A } = config;
  if (H % (2 * A) !== 0) {
    throw new ConfigError(`hiddenSize ${H} must be a multiple of twice numAttentionHeads (${2 * A})`);
  }
  const layers = Array.from({ length: config.numHiddenLayers }, (_, layer) => {
    const block = `esm.encoder.layer.${layer}`;
    return [
      ...normSpecs(`${block}.attention.LayerNorm`, H),
      ...denseSpecs(`${block}.attention.self.query`, [H, H]),
      ...denseSpecs(`${block}.attention.self.key`, [H, H]),
      ...denseSpecs(`${block}.attention.self.value`, [H, H]),
      ...denseSpecs(`${block}.attention.output.dense`, [H, H]),
      ...normSpecs(`${block}.LayerNorm`, H),
      ...denseSpecs(`${block}.intermediate.dense`, [F, H]),
      ...denseSpecs(`${block}.output.dense`, [H, F]),
    ];
  });
  return [
    { name: EMBEDDINGS, shape: [V, H], kind: 'embedding' },
    ...(config.embLayerNormBefore ? normSpecs('esm.embeddings.layer_norm', H) : []),
    ...layers.flat(),
    ...normSpecs('esm.encoder.emb_layer_norm_after', H),
  ];
}

/**
 * Token dropout: mask tokens embed as zero, and the rest is scaled by the share of tokens that training left visible
 * over the share that is visible here. `x` f32[B, T, H].
 */
function tokenDropout(x: Tensor, config: EsmConfig, { inputIds, attentionMask }: BodyInputs): Tensor {
  const [B, T] = inputIds.shape as readonly [number, number];
  const isMask = isId(inputIds, config.maskTokenId); // f32[B, T]
  const isSeen = addScalar(scale(isMask, -1), 1);
  const tokens = attentionMask
    ? reduceSum(cast(attentionMask, 'float32'), [1])
    : constant(inputIds.node.graph, new Float32Array(B).fill(T), [B]);
  const seenShare = addScalar(scale(div(reduceSum(isMask, [1]), tokens), -1), 1); // f32[B]
  const kept = mul(x, reshape(isSeen, [B, T, 1]));
  return div(scale(kept, 1 - MASKED_IN_TRAINING), reshape(seenShare, [B, 1, 1]));
}

/** Embeddings without positions; L pre-norm blocks with rotary attention; a final norm. */
function encode(weights: Weights, config: EsmConfig, inputs: BodyInputs): readonly [Tensor, ...Tensor[]] {
  const { inputIds, attentionMask } = inputs;
  const { layerNormEps: epsilon, numAttentionHeads: heads, hiddenSize } = config;
  const sizes = inputIds.shape as readonly [number, number];
  const bias = attentionBias(inputIds, inputs);
  const angles = rotaryAngles(inputIds.node.graph, sizes[1], hiddenSize / heads, config.ropeTheta);
  const embeddings = weights.at('esm.embeddings');
  let x = gatherRows(embeddings.get('word_embeddings.weight'), inputIds); // [B, T, H]
  if (config.tokenDropout) x = tokenDropout(x, config, inputs);
  if (config.embLayerNormBefore) x = norm(x, embeddings.at('layer_norm'), epsilon);
  if (attentionMask) x = mul(x, reshape(cast(attentionMask, 'float32'), [...sizes, 1]));
  x = flat(x); // [B * T, H]
  const all: [Tensor, ...Tensor[]] = [x];
  for (let layer = 0; layer < config.numHiddenLayers; layer++) {
    const block = weights.at(`esm.encoder.layer.${layer}`);
    const project = denseProjections(block.at('attention.self'), 'query', 'key', 'value');
    const normalised = norm(x, block.at('attention.LayerNorm'), epsilon);
    const rows = layer === config.numHiddenLayers - 1 ? inputs.rows : undefined;
    const context = selfAttention(normalised, project, { sizes, heads, bias, angles, rows });
    x = add(dense(context, block.at('attention.output.dense')), rowsRead(x, rows));
    const fed = gelu(dense(norm(x, block.at('LayerNorm'), epsilon), block.at('intermediate.dense')));
    x = add(dense(fed, block.at('output.dense')), x);
    all.push(x);
  }
  all[all.length - 1] = norm(x, weights.at('esm.encoder.emb_layer_norm_after'), epsilon);
  return all;
}

/** ESM-2 (Lin et al. 2022, "Evolutionary-scale prediction of atomic-level protein structure"). */
export const esm = defineFamily<EsmConfig>({
  modelType: 'esm',
  architectures: {
    'fill-mask': ['EsmForMaskedLM'],
    'feature-extraction': ['EsmModel'],
    'text-classification': ['EsmForSequenceClassification'],
    'token-classification': ['EsmForTokenClassification'],
    'text-generation': ['LacunaEsmForCausalLM'],
  },
  bodyPrefix: 'esm.',
  embeddings: EMBEDDINGS,
  decoderBiases: [DECODER.bias],
  tied: (config) => tiedDecoder(DECODER, config.tieWordEmbeddings),
  maxTokens: (config) => config.maxPositionEmbeddings - 2,
  readConfig: (json, where) => readConfigKeys(schema, json, where),
  writeConfig: (config) => ({ model_type: 'esm', ...writeConfigKeys(config), ...WITHOUT_DROPOUT }),
  newConfig: ({ maxTokens, ...sizes }) =>
    schema.parse({
      ...sizes,
      maxPositionEmbeddings: maxTokens + 2,
      layerNormEps: 1e-5,
      positionEmbeddingType: 'rotary',
      tokenDropout: true,
    }),
  body,
  encode,
  prediction: robertaPrediction(DECODER),
  sequence: firstTokenClassifier(tanh),
  token: tokenClassifier,
});
