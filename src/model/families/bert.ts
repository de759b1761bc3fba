import { z } from 'zod';
import { add, gatherRows, type Tensor, tanh } from '../../graph/index.js';
import { activations } from '../blocks/activations.js';
import { bertKeys, checkHeads, WITHOUT_DROPOUT } from '../blocks/bert-config.js';
import { bertLayerSpecs, bertLayers } from '../blocks/bert-layers.js';
import { tokenClassifier } from '../blocks/classifiers.js';
import { type DecoderNames, decode, decoderSpecs, tiedDecoder } from '../blocks/decoder.js';
import { flat, tokenTypes } from '../blocks/embeddings.js';
import { firstTokens } from '../blocks/pooling.js';
import { learnedPositions } from '../blocks/positions.js';
import { readConfigKeys, writeConfigKeys } from '../config-codec.js';
import { type BodyInputs, defineFamily } from '../define-family.js';
import { denseSpecs, normSpecs, type ParameterSpec } from '../parameters.js';
import { dense, norm, type Weights } from '../weights.js';

const schema = z.object(bertKeys);

/** Configuration of BERT (Devlin et al. 2018); keys map one to one to those of transformers' `BertConfig`. */
export type BertConfig = Readonly<z.infer<typeof schema>>;

const DECODER: DecoderNames = {
  embeddings: 'bert.embeddings.word_embeddings.weight',
  weight: 'cls.predictions.decoder.weight',
  bias: 'cls.predictions.bias',
};

/** transformers 5 gives an untied decoder a bias of its own, too. */
const UNTIED: DecoderNames = { ...DECODER, bias: 'cls.predictions.decoder.bias' };

function decoderOf({ tieWordEmbeddings }: BertConfig): DecoderNames {
  return tieWordEmbeddings ? DECODER : UNTIED;
}

function body(config: BertConfig): ParameterSpec[] {
  checkHeads(config);
  const { vocabSize: V, hiddenSize: H, maxPositionEmbeddings, typeVocabSize } = config;
  return [
    { name: DECODER.embeddings, shape: [V, H], kind: 'embedding' },
    {
      name: 'bert.embeddings.position_embeddings.weight',
      shape: [maxPositionEmbeddings, H],
      kind: 'embedding',
    },
    { name: 'bert.embeddings.token_type_embeddings.weight', shape: [typeVocabSize, H], kind: 'embedding' },
    ...normSpecs('bert.embeddings.LayerNorm', H),
    ...bertLayerSpecs('bert.encoder', config),
  ];
}

/** Token, type and position embeddings summed and normalised (figure 2), then L post-norm blocks (section 3). */
function encode(weights: Weights, config: BertConfig, inputs: BodyInputs): readonly [Tensor, ...Tensor[]] {
  const embeddings = weights.at('bert.embeddings');
  const words = gatherRows(embeddings.get('word_embeddings.weight'), inputs.inputIds); // [B, T, H]
  const types = tokenTypes(embeddings.get('token_type_embeddings.weight'), inputs);
  const positions = learnedPositions(embeddings.get('position_embeddings.weight'), inputs.inputIds); // [T, H]
  const sum = flat(add(add(words, types), positions)); // [B * T, H]
  const x = norm(sum, embeddings.at('LayerNorm'), config.layerNormEps);
  return bertLayers(weights.at('bert.encoder'), config, x, inputs);
}

/** BERT (Devlin et al. 2018, arXiv 1810.04805). */
export const bert = defineFamily<BertConfig>({
  modelType: 'bert',
  architectures: {
    'fill-mask': ['BertForMaskedLM', 'BertForPreTraining'],
    'feature-extraction': ['BertModel'],
    'text-classification': ['BertForSequenceClassification'],
    'token-classification': ['BertForTokenClassification'],
    'text-generation': ['BertLMHeadModel'],
  },
  bodyPrefix: 'bert.',
  embeddings: DECODER.embeddings,
  decoderBiases: [DECODER.bias, UNTIED.bias],
  tied: (config) =>
    config.tieWordEmbeddings
      ? tiedDecoder(DECODER, true, [UNTIED.bias])
      : tiedDecoder(UNTIED, false, [DECODER.bias]),
  maxTokens: (config) => config.maxPositionEmbeddings,
  readConfig: (json, where) => readConfigKeys(schema, json, where),
  writeConfig: (config) => ({ model_type: 'bert', ...writeConfigKeys(config), ...WITHOUT_DROPOUT }),
  newConfig: ({ maxTokens, ...sizes }) => schema.parse({ ...sizes, maxPositionEmbeddings: maxTokens }),
  body,
  encode,
  prediction: {
    parameters: (config) => [
      ...denseSpecs('cls.predictions.transform.dense', [config.hiddenSize, config.hiddenSize]),
      ...normSpecs('cls.predictions.transform.LayerNorm', config.hiddenSize),
      ...decoderSpecs(decoderOf(config), [config.vocabSize, config.hiddenSize], {
        tied: config.tieWordEmbeddings,
      }),
    ],
    logits: (weights, config, rows, { validity }) => {
      const transform = weights.at('cls.predictions.transform');
      const activated = activations[config.hiddenAct](dense(rows, transform.at('dense')));
      const normalised = norm(activated, transform.at('LayerNorm'), config.layerNormEps);
      return decode(weights, decoderOf(config), normalised, validity);
    },
  },
  sequence: {
    parameters: (config, classes) => [
      ...denseSpecs('bert.pooler.dense', [config.hiddenSize, config.hiddenSize]),
      ...denseSpecs('classifier', [classes, config.hiddenSize]),
    ],
    logits: (weights, _, hiddenStates, inputs) => {
      const pooled = tanh(dense(firstTokens(hiddenStates, inputs), weights.at('bert.pooler.dense')));
      return dense(pooled, weights.at('classifier'));
    },
  },
  token: tokenClassifier,
});
