import { add, cast, gatherRows, mul, reshape, shift, type Tensor } from '../../graph/index.js';
import { hashNumbers, modulo, numberTable } from '../blocks/hashing.js';
import type { ModernBertConfig } from '../blocks/modernbert-config.js';
import { type BodyInputs, defineFamily } from '../define-family.js';
import type { ParameterSpec } from '../parameters.js';
import type { Weights } from '../weights.js';
import { encodeEmbedded, modernBertDefinition } from './modernbert.js';
import { mixedEmbeddings, mixingSpecs } from './modernbert-mixing.js';

const TABLE = 'model.ngrams.table.weight';

/** Rows of the table: its gradient and those of a small model stay below what makes a step collect garbage. */
const ROWS = 2 ** 14;

/** The pairs of neighbours that have a row, by relative position. */
const CONTEXTS = [
  [-2, -1],
  [1, 2],
  [-1, 1],
] as const;

/** Learned rows of the pairs around each position, f32[B * T, H]; a causal model has only the pair before. */
function ngramRows(weights: Weights, config: ModernBertConfig, inputs: BodyInputs): Tensor {
  const { inputIds, attentionMask, isCausal } = inputs;
  const [B, T] = inputIds.shape as readonly [number, number];
  const { graph } = inputIds.node;
  const neighbour = (context: number, side: number, offset: number): Tensor => {
    const numbers = reshape(
      gatherRows(numberTable(graph, hashNumbers(config.vocabSize, ROWS, context, side)), inputIds),
      [B, T, 1],
    );
    // Padding is as what lies beyond the ends of a text.
    const seen = attentionMask ? mul(numbers, reshape(cast(attentionMask, 'float32'), [B, T, 1])) : numbers;
    return shift(seen, offset);
  };
  return CONTEXTS.flatMap(([left, right], context) => {
    if (isCausal && right > 0) return [];
    const sum = add(neighbour(context, 0, left), neighbour(context, 1, right)); // below 2 * ROWS
    const rows = gatherRows(weights.get(TABLE), cast(reshape(modulo(sum, ROWS), [B, T]), 'int32'));
    return [reshape(rows, [-1, config.hiddenSize])];
  }).reduce((total, rows) => add(total, rows));
}

function specs(config: ModernBertConfig): ParameterSpec[] {
  return [...mixingSpecs(config), { name: TABLE, shape: [ROWS, config.hiddenSize], kind: 'embedding' }];
}

/**
 * ModernBERT with token mixing and a memory of n-grams: every token also gets the learned rows of the pairs two before,
 * two behind, and on both sides of it, from a hashed table (Svenstrup et al. 2017, arXiv 1709.03933, with one hash), so
 * that what follows from a pair need not fit into the blocks. transformers has no model of this type; it leaves Lacuna as
 * ONNX.
 */
export const modernBertNgrams = defineFamily<ModernBertConfig>({
  ...modernBertDefinition,
  modelType: 'modernbert-ngrams',
  architectures: {
    'fill-mask': ['LacunaModernBertNgramsForMaskedLM'],
    'feature-extraction': ['LacunaModernBertNgramsModel'],
    'text-classification': ['LacunaModernBertNgramsForSequenceClassification'],
    'token-classification': ['LacunaModernBertNgramsForTokenClassification'],
    'text-generation': ['LacunaModernBertNgramsForCausalLM'],
  },
  writeConfig: (config) => ({ ...modernBertDefinition.writeConfig(config), model_type: 'modernbert-ngrams' }),
  body: (config) => [...modernBertDefinition.body(config), ...specs(config)],
  encode: (weights, config, inputs) =>
    encodeEmbedded(
      weights,
      config,
      inputs,
      add(mixedEmbeddings(weights, config, inputs), ngramRows(weights, config, inputs)),
    ),
  initialise: (values, config, options) => {
    modernBertDefinition.initialise?.(values, config, options);
    // It begins as ModernBERT begins.
    for (const { name } of specs(config)) values.get(name)?.data.fill(0);
  },
});
