import { constant, Graph, gatherRows, input, reshape, softmax, type Tensor } from '../graph/index.js';
import {
  type EncoderTrace,
  encode,
  type ModernBertConfig,
  type ParameterValues,
  predictionLogits,
  validityMask,
} from '../model/index.js';

/** What a predictor needs of a model. */
export interface PredictorModel {
  readonly config: ModernBertConfig;
  readonly parameters: ParameterValues;
  /** Ids that no distribution gives any mass. */
  readonly specialIds: readonly number[];
}

/** Sizes of one run: B sequences of T tokens, M positions in all. */
export interface PredictionShape {
  readonly batchSize: number;
  readonly sequenceLength: number;
  readonly predictions: number;
}

/** A shape, and whether rows may be shorter than T: then an attention bias says where they end. */
export interface ProgramShape extends PredictionShape {
  readonly isPadded: boolean;
}

/**
 * What a program computes: `probabilities` f32[M, V] over the valid ids; `labels` the probability f32[M, 1] of the one id
 * asked about at each position, over the valid ids or over all of them; `layer` the hidden states f32[B * T, H] of one
 * layer (0 is the embeddings, L the last).
 */
export type Question =
  | { readonly kind: 'probabilities' }
  | { readonly kind: 'labels'; readonly over: 'valid' | 'all' }
  | { readonly kind: 'layer'; readonly layer: number };

/** The one output of a question's program, with the weights as constants so that ONNX Runtime packs them once. */
export function questionOutput(model: PredictorModel, question: Question, shape: ProgramShape): Tensor {
  const { config, parameters, specialIds } = model;
  const graph = new Graph();
  const weights = new Map(
    [...parameters].map(([name, value]) => [name, constant(graph, value.data, value.shape)]),
  );
  const inputIds = input(graph, 'inputIds', 'int32', [shape.batchSize, shape.sequenceLength]);
  const bias = shape.isPadded
    ? input(graph, 'attentionBias', 'float32', [shape.batchSize, 1, 1, shape.sequenceLength])
    : undefined;
  const trace: EncoderTrace = { hiddenStates: [] };
  const hiddenStates = encode(weights, config, inputIds, shape, bias, trace);
  if (question.kind === 'layer') return trace.hiddenStates[question.layer] ?? hiddenStates;
  const positions = input(graph, 'positions', 'int32', [shape.predictions]);
  const isOverAll = question.kind === 'labels' && question.over === 'all';
  const validity = isOverAll ? undefined : validityMask(graph, config.vocabSize, specialIds);
  const probabilities = softmax(predictionLogits(weights, config, hiddenStates, positions, validity));
  if (question.kind === 'probabilities') return probabilities;
  // Only M numbers leave the run: `places` are those of the ids asked about in the flat table, m * V + id.
  const places = input(graph, 'places', 'int32', [shape.predictions]);
  return gatherRows(reshape(probabilities, [shape.predictions * config.vocabSize, 1]), places);
}
