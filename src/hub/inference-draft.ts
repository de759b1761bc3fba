import { ConfigError } from '../core/index.js';
import {
  cast,
  type DynamicSize,
  draftDynamic,
  Graph,
  input,
  type OnnxDraft,
  reshape,
  type Tensor,
} from '../graph/index.js';
import {
  declareParameters,
  type LanguageModel,
  lastOf,
  type ParameterTensors,
  type ParameterValues,
  type Task,
} from '../model/index.js';

/** Names of a model's inputs, as optimum and transformers.js have them. */
const INPUT_IDS = 'input_ids';
const ATTENTION_MASK = 'attention_mask';
const TOKEN_TYPE_IDS = 'token_type_ids';

/** Tasks that a model can leave Lacuna for. */
export const EXPORT_TASKS = [
  'fill-mask',
  'feature-extraction',
  'text-classification',
  'token-classification',
] as const satisfies readonly Task[];
export type ExportTask = (typeof EXPORT_TASKS)[number];

/**
 * The model for another task, where it has the head: any model gives its hidden states. Throws a ConfigError for a head
 * that it lacks.
 */
export function modelForTask(
  model: LanguageModel,
  task: ExportTask | undefined,
  where: string,
): LanguageModel {
  const wanted = task ?? model.task;
  const offered = EXPORT_TASKS.find((known) => known === wanted);
  if (offered === undefined) {
    throw new ConfigError(
      `${where}: a model for ${wanted} cannot be exported; expected ${EXPORT_TASKS.join(', ')}`,
    );
  }
  if (offered === model.task) return model;
  if (offered === 'feature-extraction') return model.withTask('feature-extraction');
  const remedy = offered === 'fill-mask' ? '' : `: train one with lacuna tune`;
  throw new ConfigError(`${where}: the model is for ${model.task} and has no head for ${offered}${remedy}`);
}

/**
 * A model's inference as ONNX with weights inside: input_ids and attention_mask i64[batch_size, sequence_length] (and
 * token_type_ids where the family distinguishes texts) to last_hidden_state f32[batch_size, sequence_length, H] for
 * feature extraction, else logits: f32[batch_size, sequence_length, V] over all ids, special ones included as in
 * transformers, f32[batch_size, C] of texts, or f32[batch_size, sequence_length, C] of tokens.
 */
export function draftInference(model: LanguageModel, parameters: ParameterValues): OnnxDraft {
  const size = (name: string, axis: number, most: number): DynamicSize => ({
    name,
    input: INPUT_IDS,
    axis,
    most,
  });
  return draftDynamic({
    sizes: [size('batch_size', 0, 1), size('sequence_length', 1, model.maxTokens)],
    weights: parameters,
    build: ([B = 0, T = 0]) => {
      const graph = new Graph();
      return outputsFor(model, declareParameters(graph, model.parameters), graph, [B, T]);
    },
  });
}

function outputsFor(
  model: LanguageModel,
  weights: ParameterTensors,
  graph: Graph,
  [B, T]: readonly [number, number],
): Record<string, Tensor> {
  const ids = (name: string) => cast(input(graph, name, 'int64', [B, T]), 'int32');
  const inputs = {
    inputIds: ids(INPUT_IDS),
    attentionMask: ids(ATTENTION_MASK),
    sizesAreOpen: true,
    ...(distinguishesTexts(model) ? { tokenTypeIds: ids(TOKEN_TYPE_IDS) } : {}),
  };
  const hiddenStates = lastOf(model.encode(weights, inputs)); // [B * T, H]
  switch (model.task) {
    case 'feature-extraction':
      return { last_hidden_state: reshape(hiddenStates, [B, T, model.config.hiddenSize]) };
    case 'fill-mask':
      return {
        logits: reshape(model.predictionLogits(weights, hiddenStates, { inputs }), [
          B,
          T,
          model.config.vocabSize,
        ]),
      };
    case 'text-classification':
      return { logits: model.classLogits(weights, hiddenStates, inputs) };
    default: {
      const logits = model.classLogits(weights, hiddenStates, inputs); // [B * T, C]
      return { logits: reshape(logits, [B, T, model.labels.length]) };
    }
  }
}

/** Whether a tokenizer should say which text of a pair a token belongs to. */
function distinguishesTexts(model: LanguageModel): boolean {
  const { type_vocab_size: types } = model.toHuggingFace();
  return typeof types === 'number' && types > 1;
}
