import type { LabelShape } from '../data/index.js';
import {
  descentState,
  descents,
  Graph,
  globalNorm,
  gradients,
  input,
  type Parameter,
  type StepSpec,
  softmaxCrossEntropy,
} from '../graph/index.js';
import { declareParameters, type LanguageModel, lastOf } from '../model/index.js';
import { accuracyOf } from './accuracy.js';
import type { StepOptimizer } from './load-step.js';

/** How a classifier is trained, step by step. */
export interface TuningStepOptions extends StepOptimizer {
  /** Train the head only. */
  readonly freezesBody: boolean;
}

/**
 * One optimizer step of a model with a classification head: weighted mean cross-entropy over R rows (texts or tokens),
 * and backward, for AdamW. Fed: inputIds and attentionMask i32[B, T], labels i32[R], weights f32[R] (they sum to 1). A
 * frozen body is an input that stays as it is. Reports lossNats, accuracy and gradientNorm, f32[] each.
 */
export function tuningStep(
  model: LanguageModel,
  shape: LabelShape,
  options: Pick<TuningStepOptions, 'freezesBody'>,
): StepSpec {
  const { batchSize: B, sequenceLength: T } = shape;
  const graph = new Graph();
  const tensors = declareParameters(graph, model.parameters);
  const inputIds = input(graph, 'inputIds', 'int32', [B, T]);
  const attentionMask = input(graph, 'attentionMask', 'int32', [B, T]);
  const inputs = { inputIds, attentionMask };
  const states = lastOf(model.encode(tensors, inputs, model.classRows(inputs)));
  const logits = model.classLogits(tensors, states, inputs); // [R, C]
  const [R = 0] = logits.shape;
  const labels = input(graph, 'labels', 'int32', [R]);
  const weights = input(graph, 'weights', 'float32', [R]);
  const { loss } = softmaxCrossEntropy(logits, labels, weights);
  const trainable: Parameter[] = (options.freezesBody ? model.head : model.parameters).flatMap(
    ({ name, kind }) => {
      const tensor = tensors.get(name);
      return tensor ? [{ name, tensor, decays: kind === 'matrix' || kind === 'embedding' }] : [];
    },
  );
  const slopes = gradients(
    loss,
    trainable.map(({ tensor }) => tensor),
  );
  const descending = descents(trainable, slopes);
  return {
    state: descentState(descending),
    successors: new Map(),
    descents: descending,
    metrics: {
      lossNats: loss,
      accuracy: accuracyOf(logits, labels, weights),
      gradientNorm: globalNorm(slopes),
    },
  };
}
