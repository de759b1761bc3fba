import { z } from 'zod';
import { add, gatherRows, type Tensor, tanh } from '../../graph/index.js';
import { bertKeys, checkHeads, WITHOUT_DROPOUT } from '../blocks/bert-config.js';
import { bertLayerSpecs, bertLayers } from '../blocks/bert-layers.js';
import { firstTokenClassifier, tokenClassifier } from '../blocks/classifiers.js';
import { tiedDecoder } from '../blocks/decoder.js';
import { flat, tokenTypes } from '../blocks/embeddings.js';
import { positionsAfterPadding } from '../blocks/positions.js';
import { robertaDecoder, robertaPrediction } from '../blocks/roberta-prediction.js';
import { readConfigKeys, writeConfigKeys } from '../config-codec.js';
import { type BodyInputs, defineFamily } from '../define-family.js';
import { normSpecs, type ParameterSpec } from '../parameters.js';
import { norm, type Weights } from '../weights.js';

const schema = z.object({
  ...bertKeys,
  vocabSize: bertKeys.vocabSize.unwrap().default(50_265),
  padTokenId: bertKeys.padTokenId.unwrap().default(1),
});

/** Configuration of RoBERTa (Liu et al. 2019); keys map one to one to those of transformers' `RobertaConfig`. */
export type RobertaConfig = Readonly<z.infer<typeof schema>>;

const EMBEDDINGS = 'roberta.embeddings.word_embeddings.weight';
const DECODER = robertaDecoder(EMBEDDINGS);

/** transformers 5 gives an untied decoder a bias of its own, too. */
const UNTIED = { ...DECODER, bias: 'lm_head.decoder.bias' };

function body(config: RobertaConfig): ParameterSpec[] {
  checkHeads(config);
  const { vocabSize: V, hiddenSize: H, maxPositionEmbeddings, typeVocabSize } = config;
  return [
    { name: EMBEDDINGS, shape: [V, H], kind: 'embedding' },
    {
      name: 'roberta.embeddings.position_embeddings.weight',
      shape: [maxPositionEmbeddings, H],
      kind: 'embedding',
    },
    {
      name: 'roberta.embeddings.token_type_embeddings.weight',
      shape: [typeVocabSize, H],
      kind: 'embedding',
    },
    ...normSpecs('roberta.embeddings.LayerNorm', H),
    ...bertLayerSpecs('roberta.encoder', config),
  ];
}

/** BERT's encoder; positions are counted from `padTokenId + 1`, over tokens that are not padding (fairseq). */
function encode(weights: Weights, config: RobertaConfig, inputs: BodyInputs): readonly [Tensor, ...Tensor[]] {
  const embeddings = weights.at('roberta.embeddings');
  const words = gatherRows(embeddings.get('word_embeddings.weight'), inputs.inputIds); // [B, T, H]
  const types = tokenTypes(embeddings.get('token_type_embeddings.weight'), inputs);
  const table = embeddings.get('position_embeddings.weight');
  const positions = positionsAfterPadding(table, inputs.inputIds, config.padTokenId); // [B, T, H]
  const sum = flat(add(add(words, types), positions)); // [B * T, H]
  const x = norm(sum, embeddings.at('LayerNorm'), config.layerNormEps);
  return bertLayers(weights.at('roberta.encoder'), config, x, inputs);
}

/** RoBERTa (Liu et al. 2019, arXiv 1907.11692). */
export const roberta = defineFamily<RobertaConfig>({
  modelType: 'roberta',
  architectures: {
    'fill-mask': ['RobertaForMaskedLM'],
    'feature-extraction': ['RobertaModel'],
    'text-classification': ['RobertaForSequenceClassification'],
    'token-classification': ['RobertaForTokenClassification'],
    'text-generation': ['RobertaForCausalLM'],
  },
  bodyPrefix: 'roberta.',
  embeddings: EMBEDDINGS,
  decoderBiases: [DECODER.bias, UNTIED.bias],
  tied: (config) =>
    config.tieWordEmbeddings
      ? tiedDecoder(DECODER, true, [UNTIED.bias])
      : tiedDecoder(UNTIED, false, [DECODER.bias]),
  maxTokens: (config) => config.maxPositionEmbeddings - config.padTokenId - 1,
  readConfig: (json, where) => readConfigKeys(schema, json, where),
  writeConfig: (config) => ({ model_type: 'roberta', ...writeConfigKeys(config), ...WITHOUT_DROPOUT }),
  newConfig: ({ maxTokens, ...sizes }) =>
    schema.parse({ ...sizes, maxPositionEmbeddings: maxTokens + sizes.padTokenId + 1, layerNormEps: 1e-5 }),
  body,
  encode,
  prediction: robertaPrediction(DECODER, UNTIED),
  sequence: firstTokenClassifier(tanh),
  token: tokenClassifier,
});
