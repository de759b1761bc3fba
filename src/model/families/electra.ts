import { z } from 'zod';
import { add, gatherRows, gelu, type Tensor } from '../../graph/index.js';
import { activations } from '../blocks/activations.js';
import { bertKeys, checkHeads, WITHOUT_DROPOUT } from '../blocks/bert-config.js';
import { bertLayerSpecs, bertLayers } from '../blocks/bert-layers.js';
import { firstTokenClassifier, tokenClassifier } from '../blocks/classifiers.js';
import { type DecoderNames, decode, decoderSpecs, tiedDecoder } from '../blocks/decoder.js';
import { flat, tokenTypes } from '../blocks/embeddings.js';
import { learnedPositions } from '../blocks/positions.js';
import { readConfigKeys, writeConfigKeys } from '../config-codec.js';
import { type BodyInputs, defineFamily } from '../define-family.js';
import { denseSpecs, normSpecs, type ParameterSpec } from '../parameters.js';
import { dense, norm, type Weights } from '../weights.js';

const schema = z.object({
  ...bertKeys,
  hiddenSize: bertKeys.hiddenSize.unwrap().default(256),
  embeddingSize: z.int().positive().default(128),
  numAttentionHeads: bertKeys.numAttentionHeads.unwrap().default(4),
  intermediateSize: bertKeys.intermediateSize.unwrap().default(1024),
});

/** Configuration of ELECTRA (Clark et al. 2020); keys map one to one to those of transformers' `ElectraConfig`. */
export type ElectraConfig = Readonly<z.infer<typeof schema>>;

const DECODER: DecoderNames = {
  embeddings: 'electra.embeddings.word_embeddings.weight',
  weight: 'generator_lm_head.weight',
  bias: 'generator_lm_head.bias',
};

function body(config: ElectraConfig): ParameterSpec[] {
  checkHeads(config);
  const { vocabSize: V, hiddenSize: H, embeddingSize: E } = config;
  const table = (name: string, rows: number): ParameterSpec => ({
    name: `electra.embeddings.${name}.weight`,
    shape: [rows, E],
    kind: 'embedding',
  });
  return [
    table('word_embeddings', V),
    table('position_embeddings', config.maxPositionEmbeddings),
    table('token_type_embeddings', config.typeVocabSize),
    ...normSpecs('electra.embeddings.LayerNorm', E),
    ...(E === H ? [] : denseSpecs('electra.embeddings_project', [H, E])),
    ...bertLayerSpecs('electra.encoder', config),
  ];
}

/** BERT's encoder over embeddings of another width, which a dense layer brings to H (section 3.2). */
function encode(weights: Weights, config: ElectraConfig, inputs: BodyInputs): readonly [Tensor, ...Tensor[]] {
  const embeddings = weights.at('electra.embeddings');
  const words = gatherRows(embeddings.get('word_embeddings.weight'), inputs.inputIds); // [B, T, E]
  const types = tokenTypes(embeddings.get('token_type_embeddings.weight'), inputs);
  const positions = learnedPositions(embeddings.get('position_embeddings.weight'), inputs.inputIds); // [T, E]
  const sum = flat(add(add(words, types), positions)); // [B * T, E]
  const normalised = norm(sum, embeddings.at('LayerNorm'), config.layerNormEps);
  const isProjected = config.embeddingSize !== config.hiddenSize;
  const x = isProjected ? dense(normalised, weights.at('electra.embeddings_project')) : normalised;
  return bertLayers(weights.at('electra.encoder'), config, x, inputs);
}

/**
 * ELECTRA (Clark et al. 2020, arXiv 2003.10555): the generator is a masked language model, the discriminator
 * (`replaced-token-detection`) says of each token whether it was replaced.
 */
export const electra = defineFamily<ElectraConfig>({
  modelType: 'electra',
  architectures: {
    'fill-mask': ['ElectraForMaskedLM'],
    'feature-extraction': ['ElectraModel'],
    'text-classification': ['ElectraForSequenceClassification'],
    'token-classification': ['ElectraForTokenClassification'],
    'replaced-token-detection': ['ElectraForPreTraining'],
    'text-generation': ['ElectraForCausalLM'],
  },
  bodyPrefix: 'electra.',
  embeddings: DECODER.embeddings,
  decoderBiases: [DECODER.bias],
  tied: (config) => tiedDecoder(DECODER, config.tieWordEmbeddings),
  maxTokens: (config) => config.maxPositionEmbeddings,
  readConfig: (json, where) => readConfigKeys(schema, json, where),
  writeConfig: (config) => ({ model_type: 'electra', ...writeConfigKeys(config), ...WITHOUT_DROPOUT }),
  newConfig: ({ maxTokens, ...sizes }) =>
    schema.parse({ ...sizes, maxPositionEmbeddings: maxTokens, embeddingSize: sizes.hiddenSize }),
  body,
  encode,
  prediction: {
    parameters: ({ vocabSize: V, hiddenSize: H, embeddingSize: E, tieWordEmbeddings }) => [
      ...denseSpecs('generator_predictions.dense', [E, H]),
      ...normSpecs('generator_predictions.LayerNorm', E),
      ...decoderSpecs(DECODER, [V, E], { tied: tieWordEmbeddings }),
    ],
    logits: (weights, config, rows, { validity }) => {
      const head = weights.at('generator_predictions');
      const normalised = norm(gelu(dense(rows, head.at('dense'))), head.at('LayerNorm'), config.layerNormEps);
      return decode(weights, DECODER, normalised, validity);
    },
  },
  replacedToken: {
    parameters: ({ hiddenSize: H }) => [
      ...denseSpecs('discriminator_predictions.dense', [H, H]),
      ...denseSpecs('discriminator_predictions.dense_prediction', [1, H]),
    ],
    logits: (weights, config, hiddenStates) => {
      const head = weights.at('discriminator_predictions');
      const activated = activations[config.hiddenAct](dense(hiddenStates, head.at('dense')));
      return dense(activated, head.at('dense_prediction'));
    },
  },
  sequence: firstTokenClassifier(gelu),
  token: tokenClassifier,
});
