import { add, cast, linear, mul, reshape, shift, type Tensor } from '../../graph/index.js';
import type { ModernBertConfig } from '../blocks/modernbert-config.js';
import { type BodyInputs, defineFamily } from '../define-family.js';
import type { ParameterSpec } from '../parameters.js';
import type { Weights } from '../weights.js';
import { embed, encodeEmbedded, modernBertDefinition } from './modernbert.js';

const MIXING = 'model.mixing';

/** Relative positions of the neighbours that are mixed in; a causal model has only those before. */
const OFFSETS = [
  { name: 'left', offset: -1 },
  { name: 'right', offset: 1 },
] as const;

/** Embeddings with a linear map of each neighbour's added, f32[B * T, H]. */
export function mixedEmbeddings(weights: Weights, config: ModernBertConfig, inputs: BodyInputs): Tensor {
  const { inputIds, attentionMask, isCausal } = inputs;
  const [B, T] = inputIds.shape as readonly [number, number];
  const embedded = embed(weights, config, inputs);
  const sequences = reshape(embedded, [B, T, config.hiddenSize]);
  // Padding is no neighbour: as beyond the ends of a text, nothing is mixed in from there.
  const seen = attentionMask ? mul(sequences, reshape(cast(attentionMask, 'float32'), [B, T, 1])) : sequences;
  return OFFSETS.filter(({ offset }) => offset < 0 || !isCausal)
    .map(({ name, offset }) => {
      const neighbours = reshape(shift(seen, offset), [-1, config.hiddenSize]);
      return linear(neighbours, weights.at(MIXING).get(`${name}.weight`));
    })
    .reduce((sum, part) => add(sum, part), embedded);
}

/** The maps of both neighbours. */
export function mixingSpecs({ hiddenSize: H }: ModernBertConfig): ParameterSpec[] {
  return OFFSETS.map(({ name }) => ({ name: `${MIXING}.${name}.weight`, shape: [H, H], kind: 'matrix' }));
}

/**
 * ModernBERT with token mixing: in front of the first block every token gets a linear map of the embeddings of the two
 * beside it, so that pairs of neighbours are there from the start (docs/log.md: what it is worth). transformers has no
 * model of this type; it leaves Lacuna as ONNX.
 */
export const modernBertMixing = defineFamily<ModernBertConfig>({
  ...modernBertDefinition,
  modelType: 'modernbert-mixing',
  architectures: {
    'fill-mask': ['LacunaModernBertMixingForMaskedLM'],
    'feature-extraction': ['LacunaModernBertMixingModel'],
    'text-classification': ['LacunaModernBertMixingForSequenceClassification'],
    'token-classification': ['LacunaModernBertMixingForTokenClassification'],
    'text-generation': ['LacunaModernBertMixingForCausalLM'],
  },
  writeConfig: (config) => ({ ...modernBertDefinition.writeConfig(config), model_type: 'modernbert-mixing' }),
  body: (config) => [...modernBertDefinition.body(config), ...mixingSpecs(config)],
  encode: (weights, config, inputs) =>
    encodeEmbedded(weights, config, inputs, mixedEmbeddings(weights, config, inputs)),
  initialise: (values, config, options) => {
    modernBertDefinition.initialise?.(values, config, options);
    // It begins as ModernBERT begins.
    for (const { name } of mixingSpecs(config)) values.get(name)?.data.fill(0);
  },
});
