import { ConfigError } from '../core/index.js';
import {
  clipByNorm,
  descentState,
  descents,
  Graph,
  globalNorm,
  gradients,
  input,
  type MuonOptions,
  muon,
  type Parameter,
  reshape,
  type StepSpec,
  softmaxCrossEntropy,
  type Tensor,
} from '../graph/index.js';
import {
  type Additions,
  type LanguageModel,
  lastOf,
  outputLogits,
  type ParameterTensors,
} from '../model/index.js';
import { accuracyOf } from './accuracy.js';
import { declareTrainable } from './pieces.js';

/** Sizes of one training step. */
export interface StepShape {
  /** B: sequences that are computed at once, a micro-batch */
  readonly batchSize: number;
  /** T */
  readonly sequenceLength: number;
  /** M: predicted positions of a micro-batch, as many in each sequence, padding included */
  readonly predictions: number;
  /** N: micro-batches of an optimizer step, whose gradients are summed; 1 unless told. */
  readonly microBatches?: number;
}

export interface StepOptions {
  /** Muon for the hidden matrices; AdamW has the rest. Without it AdamW has all. */
  readonly muon?: MuonOptions | undefined;
  /** Largest global gradient norm, to which Muon's gradients are scaled down as AdamW's are. */
  readonly maxGradientNorm: number;
  /** Ids that no distribution gives any mass. */
  readonly specialIds: readonly number[];
  /** Only the hidden states between layers stay in memory for the backward pass, which computes each layer anew. */
  readonly recomputes?: boolean | undefined;
}

/** Inputs of a step that carry its batch. */
export const BATCH_INPUTS = ['inputIds', 'positions', 'labels', 'weights', 'corrections'] as const;

/**
 * One optimizer step as graph: forward, loss at the M masked positions, backward by autodiff, summed over N
 * micro-batches, for AdamW and perhaps Muon. Per micro-batch: inputIds i32[B, T], positions i32[B, M / B] (rows of B * T), labels
 * i32[M], weights f32[M] (over all micro-batches of a step they sum to 1; 0 for padding), and for a model that knows counts
 * corrections f32[M] of the labels' logits. With Muon also its two scalars.
 * Reports lossNats, accuracy and gradientNorm, f32[] each. Throws a ConfigError when M is no multiple of B.
 */
export function trainingStep(model: LanguageModel, shape: StepShape, options: StepOptions): StepSpec {
  if (shape.predictions % shape.batchSize !== 0) {
    throw new ConfigError(
      `${shape.predictions} predictions do not come in equal parts to ${shape.batchSize} sequences: give a multiple`,
    );
  }
  const graph = new Graph();
  const { tensors, trainable } = declareTrainable(graph, model.parameters);
  const { loss, accuracy, hiddenStates } = maskedLanguageModelLoss(graph, tensors, model, shape, options);
  const raw = gradients(
    loss,
    trainable.map(({ tensor }) => tensor),
    options.recomputes ? { kept: hiddenStates } : {},
  );
  const microBatches = shape.microBatches ?? 1;
  if (microBatches === 1) return optimizerStep(trainable, raw, { loss, accuracy }, options);
  const sums = new Map<string, Tensor>();
  const summed = (name: string, tensor: Tensor) => {
    sums.set(`sum/${name}`, tensor);
    return input(graph, `sum/${name}`, 'float32', tensor.shape);
  };
  const metrics = { loss: summed('lossNats', loss), accuracy: summed('accuracy', accuracy) };
  const total = trainable.map(({ name }, index) => summed(name, raw[index] as Tensor));
  const accumulation = { parts: microBatches, perPart: BATCH_INPUTS, sums };
  return { ...optimizerStep(trainable, total, metrics, options), accumulation };
}

interface Exercise {
  readonly loss: Tensor;
  readonly accuracy: Tensor;
}

/**
 * Weighted mean cross-entropy, in nats, and accuracy at the masked positions of one micro-batch, f32[] each, with the
 * hidden states f32[B * T, H] on the way.
 */
function maskedLanguageModelLoss(
  graph: Graph,
  parameters: ParameterTensors,
  model: LanguageModel,
  shape: StepShape,
  { specialIds }: StepOptions,
): Exercise & { readonly hiddenStates: readonly Tensor[] } {
  const { batchSize, sequenceLength, predictions } = shape;
  const inputIds = input(graph, 'inputIds', 'int32', [batchSize, sequenceLength]);
  const positions = input(graph, 'positions', 'int32', [batchSize, predictions / batchSize]);
  const labels = input(graph, 'labels', 'int32', [predictions]);
  const weights = input(graph, 'weights', 'float32', [predictions]);
  const inputs = { inputIds };
  const hiddenStates = model.encode(parameters, inputs, positions);
  const corrections = model.knowsCounts ? labelCorrections(graph, labels) : undefined;
  const question = { inputs, positions, specialIds, ...(corrections && { corrections }) };
  const logits = outputLogits(model, parameters, lastOf(hiddenStates), question);
  const { loss } = softmaxCrossEntropy(logits, labels, weights);
  return { loss, accuracy: accuracyOf(logits, labels, weights), hiddenStates };
}

/** What is added to the logit of each label, so that the label is left out of the counts that its own model knows. */
function labelCorrections(graph: Graph, labels: Tensor): Additions {
  const [M = 0] = labels.shape;
  return {
    values: reshape(input(graph, 'corrections', 'float32', [M]), [M, 1]),
    columns: reshape(labels, [M, 1]),
  };
}

/** The optimizer on the gradients of a whole step: AdamW, or Muon for the hidden matrices. */
function optimizerStep(
  trainable: readonly Parameter[],
  raw: readonly Tensor[],
  { loss, accuracy }: Exercise,
  options: StepOptions,
): StepSpec {
  const norm = globalNorm(raw);
  const isMuons = (index: number) => options.muon !== undefined && trainable[index]?.isHiddenMatrix === true;
  const muons = [...trainable.keys()].filter(isMuons);
  const adams = [...trainable.keys()].filter((index) => !isMuons(index));
  const parametersAt = (places: readonly number[]) => places.map((index) => trainable[index] as Parameter);
  const gradientsAt = (places: readonly number[]) => places.map((index) => raw[index] as Tensor);
  const descending = descents(parametersAt(adams), gradientsAt(adams));
  const successors =
    options.muon && muons.length > 0
      ? muon(parametersAt(muons), clipByNorm(gradientsAt(muons), norm, options.maxGradientNorm), options.muon)
      : new Map<string, Tensor>();
  return {
    state: new Map([...descentState(descending), ...successors]),
    successors,
    descents: descending,
    metrics: { lossNats: loss, accuracy, gradientNorm: norm },
  };
}
