import { z } from 'zod';
import { add, gatherRows, type Tensor, tanh } from '../../graph/index.js';
import { activations } from '../blocks/activations.js';
import { attentionBias } from '../blocks/attention-bias.js';
import { bertKeys, checkHeads, WITHOUT_DROPOUT } from '../blocks/bert-config.js';
import { firstTokenClassifier, tokenClassifier } from '../blocks/classifiers.js';
import { tiedDecoder } from '../blocks/decoder.js';
import { flat, tokenTypes } from '../blocks/embeddings.js';
import { positionsAfterPadding } from '../blocks/positions.js';
import { robertaDecoder, robertaPrediction } from '../blocks/roberta-prediction.js';
import { rowsRead } from '../blocks/rows-read.js';
import { denseProjections, selfAttention } from '../blocks/self-attention.js';
import { readConfigKeys, writeConfigKeys } from '../config-codec.js';
import { type BodyInputs, defineFamily } from '../define-family.js';
import { denseSpecs, normSpecs, type ParameterSpec } from '../parameters.js';
import { dense, norm, type Weights } from '../weights.js';

const schema = z.object({
  ...bertKeys,
  vocabSize: bertKeys.vocabSize.unwrap().default(50_265),
  padTokenId: bertKeys.padTokenId.unwrap().default(1),
});

/** Configuration of RoBERTa-PreLayerNorm; keys map one to one to those of transformers' `RobertaPreLayerNormConfig`. */
export type RobertaPreLayerNormConfig = Readonly<z.infer<typeof schema>>;

const BODY = 'roberta_prelayernorm';
const EMBEDDINGS = `${BODY}.embeddings.word_embeddings.weight`;
const DECODER = robertaDecoder(EMBEDDINGS);

/** transformers 5 gives an untied decoder a bias of its own, too. */
const UNTIED = { ...DECODER, bias: 'lm_head.decoder.bias' };

function body(config: RobertaPreLayerNormConfig): ParameterSpec[] {
  checkHeads(config);
  const { vocabSize: V, hiddenSize: H, intermediateSize: F } = config;
  const table = (name: string, rows: number): ParameterSpec => ({
    name: `${BODY}.embeddings.${name}.weight`,
    shape: [rows, H],
    kind: 'embedding',
  });
  const layers = Array.from({ length: config.numHiddenLayers }, (_, layer) => {
    const block = `${BODY}.encoder.layer.${layer}`;
    return [
      ...normSpecs(`${block}.attention.LayerNorm`, H),
      ...denseSpecs(`${block}.attention.self.query`, [H, H]),
      ...denseSpecs(`${block}.attention.self.key`, [H, H]),
      ...denseSpecs(`${block}.attention.self.value`, [H, H]),
      ...denseSpecs(`${block}.attention.output.dense`, [H, H]),
      ...normSpecs(`${block}.intermediate.LayerNorm`, H),
      ...denseSpecs(`${block}.intermediate.dense`, [F, H]),
      ...denseSpecs(`${block}.output.dense`, [H, F]),
    ];
  });
  return [
    table('word_embeddings', V),
    table('position_embeddings', config.maxPositionEmbeddings),
    table('token_type_embeddings', config.typeVocabSize),
    ...normSpecs(`${BODY}.embeddings.LayerNorm`, H),
    ...layers.flat(),
    ...normSpecs(`${BODY}.LayerNorm`, H),
  ];
}

/** RoBERTa's embeddings; L blocks that normalise before attention and before the feed-forward layer; a final norm. */
function encode(
  weights: Weights,
  config: RobertaPreLayerNormConfig,
  inputs: BodyInputs,
): readonly [Tensor, ...Tensor[]] {
  const { inputIds } = inputs;
  const { layerNormEps: epsilon, numAttentionHeads: heads } = config;
  const sizes = inputIds.shape as readonly [number, number];
  const bias = attentionBias(inputIds, inputs);
  const model = weights.at(BODY);
  const embeddings = model.at('embeddings');
  const words = gatherRows(embeddings.get('word_embeddings.weight'), inputIds); // [B, T, H]
  const types = tokenTypes(embeddings.get('token_type_embeddings.weight'), inputs);
  const table = embeddings.get('position_embeddings.weight');
  const positions = positionsAfterPadding(table, inputIds, config.padTokenId); // [B, T, H]
  let x = norm(flat(add(add(words, types), positions)), embeddings.at('LayerNorm'), epsilon); // [B * T, H]
  const all: [Tensor, ...Tensor[]] = [x];
  for (let layer = 0; layer < config.numHiddenLayers; layer++) {
    const block = model.at(`encoder.layer.${layer}`);
    const project = denseProjections(block.at('attention.self'), 'query', 'key', 'value');
    const normalised = norm(x, block.at('attention.LayerNorm'), epsilon);
    const rows = layer === config.numHiddenLayers - 1 ? inputs.rows : undefined;
    const context = selfAttention(normalised, project, { sizes, heads, bias, rows });
    x = add(dense(context, block.at('attention.output.dense')), rowsRead(x, rows));
    const intermediate = block.at('intermediate');
    const fed = dense(norm(x, intermediate.at('LayerNorm'), epsilon), intermediate.at('dense'));
    x = add(dense(activations[config.hiddenAct](fed), block.at('output.dense')), x);
    all.push(x);
  }
  all[all.length - 1] = norm(x, model.at('LayerNorm'), epsilon);
  return all;
}

/** RoBERTa with layer norms first, as fairseq's `--encoder-normalize-before` (Ott et al. 2019, Wettig et al. 2022). */
export const robertaPreLayerNorm = defineFamily<RobertaPreLayerNormConfig>({
  modelType: 'roberta-prelayernorm',
  architectures: {
    'fill-mask': ['RobertaPreLayerNormForMaskedLM'],
    'feature-extraction': ['RobertaPreLayerNormModel'],
    'text-classification': ['RobertaPreLayerNormForSequenceClassification'],
    'token-classification': ['RobertaPreLayerNormForTokenClassification'],
    'text-generation': ['RobertaPreLayerNormForCausalLM'],
  },
  bodyPrefix: `${BODY}.`,
  embeddings: EMBEDDINGS,
  decoderBiases: [DECODER.bias, UNTIED.bias],
  tied: (config) =>
    config.tieWordEmbeddings
      ? tiedDecoder(DECODER, true, [UNTIED.bias])
      : tiedDecoder(UNTIED, false, [DECODER.bias]),
  maxTokens: (config) => config.maxPositionEmbeddings - config.padTokenId - 1,
  readConfig: (json, where) => readConfigKeys(schema, json, where),
  writeConfig: (config) => ({
    model_type: 'roberta-prelayernorm',
    ...writeConfigKeys(config),
    ...WITHOUT_DROPOUT,
  }),
  newConfig: ({ maxTokens, ...sizes }) =>
    schema.parse({ ...sizes, maxPositionEmbeddings: maxTokens + sizes.padTokenId + 1, layerNormEps: 1e-5 }),
  body,
  encode,
  prediction: robertaPrediction(DECODER, UNTIED),
  sequence: firstTokenClassifier(tanh),
  token: tokenClassifier,
});
