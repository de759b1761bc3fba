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
import {
  declareParameters,
  encode,
  type ModernBertConfig,
  parameterSpecs,
  predictionLogits,
  validityMask,
} from '../model/index.js';

/** Sizes of one training batch. */
export interface StepShape {
  /** B */
  readonly batchSize: number;
  /** T */
  readonly sequenceLength: number;
  /** M: predicted positions of a batch, padding included */
  readonly predictions: number;
}

export interface StepOptions {
  readonly optimizer: AdamWOptions;
  /** Largest global gradient norm; gradients are scaled down to it. */
  readonly maxGradientNorm: number;
  /** Ids that no distribution gives any mass. */
  readonly specialIds: readonly number[];
}

/** Inputs of a step that carry its batch. */
export const BATCH_INPUTS = ['inputIds', 'positions', 'labels', 'weights'] as const;

/**
 * One optimizer step as graph: forward, loss at the M masked positions, backward by autodiff, clipping, AdamW.
 * Per step: inputIds i32[B, T], positions i32[M] (rows of B * T), labels i32[M], weights f32[M] (they sum to 1; 0 for
 * padding), and AdamW's three scalars. Reports lossNats, accuracy and gradientNorm, f32[] each.
 */
export function trainingStep(config: ModernBertConfig, shape: StepShape, options: StepOptions): StepSpec {
  const { batchSize, sequenceLength, predictions } = shape;
  const graph = new Graph();
  const parameters = declareParameters(graph, config);
  const inputIds = input(graph, 'inputIds', 'int32', [batchSize, sequenceLength]);
  const positions = input(graph, 'positions', 'int32', [predictions]);
  const labels = input(graph, 'labels', 'int32', [predictions]);
  const weights = input(graph, 'weights', 'float32', [predictions]);

  const hiddenStates = encode(parameters, config, inputIds, shape);
  const validity = validityMask(graph, config.vocabSize, options.specialIds);
  const logits = predictionLogits(parameters, config, hiddenStates, positions, validity);
  const { loss } = softmaxCrossEntropy(logits, labels, weights);
  const accuracy = reduceSum(mul(cast(equal(argMax(logits), labels), 'float32'), weights), [0]);

  const trainable: Parameter[] = parameterSpecs(config).map(({ name, kind }) => {
    const tensor = parameters.get(name) ?? inputIds;
    return { name, tensor, decays: kind === 'matrix' };
  });
  const raw = gradients(
    loss,
    trainable.map(({ tensor }) => tensor),
  );
  const { clipped, norm } = clipByGlobalNorm(raw, options.maxGradientNorm);
  return {
    state: adamW(trainable, clipped, options.optimizer),
    perStep: [...BATCH_INPUTS, ...ADAMW_INPUTS],
    metrics: { lossNats: loss, accuracy, gradientNorm: norm },
  };
}
