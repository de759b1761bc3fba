import type { LabelShape } from '../data/index.js';
import {
  ADAMW_INPUTS,
  type AdamWOptions,
  adamW,
  argMax,
  cast,
  clipByGlobalNorm,
  equal,
  Graph,
  gradients,
  input,
  mul,
  type Parameter,
  reduceSum,
  type StepSpec,
  softmaxCrossEntropy,
} from '../graph/index.js';
import { declareParameters, type LanguageModel, lastOf } from '../model/index.js';

/** How a classifier is trained, step by step. */
export interface TuningStepOptions {
  readonly optimizer: AdamWOptions;
  readonly maxGradientNorm: number;
  /** Train the head only. */
  readonly freezesBody: boolean;
}

/** Inputs of a tuning step that carry its batch. */
export const LABEL_BATCH_INPUTS = ['inputIds', 'attentionMask', 'labels', 'weights'] as const;

/**
 * One optimizer step of a model with a classification head: weighted mean cross-entropy over R rows (texts or tokens),
 * backward, clipping and AdamW. Fed: inputIds and attentionMask i32[B, T], labels i32[R], weights f32[R] (they sum to
 * 1), AdamW's scalars. A frozen body is an input that stays as it is. Reports lossNats and accuracy, f32[] each.
 */
export function tuningStep(model: LanguageModel, shape: LabelShape, options: TuningStepOptions): StepSpec {
  const { batchSize: B, sequenceLength: T } = shape;
  const graph = new Graph();
  const tensors = declareParameters(graph, model.parameters);
  const inputIds = input(graph, 'inputIds', 'int32', [B, T]);
  const attentionMask = input(graph, 'attentionMask', 'int32', [B, T]);
  const inputs = { inputIds, attentionMask };
  const logits = model.classLogits(tensors, lastOf(model.encode(tensors, inputs)), inputs); // [R, C]
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
  const { clipped } = clipByGlobalNorm(slopes, options.maxGradientNorm);
  const hits = mul(cast(equal(argMax(logits), labels), 'float32'), weights);
  return {
    state: adamW(trainable, clipped, options.optimizer),
    perStep: [...LABEL_BATCH_INPUTS, ...ADAMW_INPUTS],
    metrics: { lossNats: loss, accuracy: reduceSum(hits, [0]) },
  };
}
