import { constant, Graph, gatherRows, input, reshape, softmax, type Tensor } from '../graph/index.js';
import { type LanguageModel, lastOf, outputLogits, type ParameterValues } from '../model/index.js';

/** What a predictor needs of a model. */
export interface PredictorModel {
  readonly model: LanguageModel;
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

/** A shape, and how rows lie in it. */
export interface ProgramShape extends PredictionShape {
  /** Rows may be shorter than T: then an attention mask says where they end. */
  readonly isPadded: boolean;
  /** Every sequence has M / B of the positions, one sequence after the other. */
  readonly isEven: boolean;
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

/** i32[B, M / B], so that the last layer's attention looks from those alone (decision 42), or i32[M]. */
export function positionsShape({ batchSize, predictions, isEven }: ProgramShape): readonly number[] {
  return isEven ? [batchSize, predictions / batchSize] : [predictions];
}

/** The one output of a question's program, with the weights as constants so that ONNX Runtime packs them once. */
export function questionOutput(asked: PredictorModel, question: Question, shape: ProgramShape): Tensor {
  const { model, parameters, specialIds } = asked;
  const graph = new Graph();
  const weights = new Map(
    [...parameters].map(([name, value]) => [name, constant(graph, value.data, value.shape)]),
  );
  const ids = [shape.batchSize, shape.sequenceLength];
  const inputIds = input(graph, 'inputIds', 'int32', ids);
  const attentionMask = shape.isPadded ? input(graph, 'attentionMask', 'int32', ids) : undefined;
  const inputs = { inputIds, ...(attentionMask && { attentionMask }) };
  if (question.kind === 'layer') {
    const hiddenStates = model.encode(weights, inputs);
    return hiddenStates[question.layer] ?? lastOf(hiddenStates);
  }
  const positions = input(graph, 'positions', 'int32', positionsShape(shape));
  const hiddenStates = lastOf(model.encode(weights, inputs, positions));
  const isOverAll = question.kind === 'labels' && question.over === 'all';
  const { vocabSize: V } = model.config;
  const excluded = isOverAll ? [] : specialIds;
  const logits = outputLogits(model, weights, hiddenStates, {
    inputs,
    positions,
    specialIds: excluded,
  });
  const probabilities = softmax(logits);
  if (question.kind === 'probabilities') return probabilities;
  // Only M numbers leave the run: `places` are those of the ids asked about in the flat table, m * V + id.
  const places = input(graph, 'places', 'int32', [shape.predictions]);
  return gatherRows(reshape(probabilities, [shape.predictions * V, 1]), places);
}
