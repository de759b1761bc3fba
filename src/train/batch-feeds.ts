import { sizeOf } from '../core/index.js';
import type { Batch } from '../data/index.js';
import type { TensorValue, TensorValues } from '../runtime/index.js';
import type { StepShape } from './step.js';

/** N: micro-batches of a step. */
export function microBatchesOf({ microBatches }: StepShape): number {
  return microBatches ?? 1;
}

/**
 * The micro-batches of one step, along a leading axis where there is more than one. Weights are divided by their sum over
 * the step, so that they sum to 1.
 */
export function batchFeeds(batches: readonly Batch[], shape: StepShape): TensorValues {
  const { batchSize, sequenceLength, predictions } = shape;
  const leading = microBatchesOf(shape) === 1 ? [] : [batches.length];
  const ints = (inner: readonly number[], pick: (batch: Batch) => Int32Array): TensorValue => {
    const size = sizeOf(inner);
    const data = new Int32Array(batches.length * size);
    for (const [index, batch] of batches.entries()) data.set(pick(batch), index * size);
    return { dtype: 'int32', shape: [...leading, ...inner], data };
  };
  return {
    inputIds: ints([batchSize, sequenceLength], (batch) => batch.inputIds),
    positions: ints([predictions], (batch) => batch.positions),
    labels: ints([predictions], (batch) => batch.labels),
    weights: { dtype: 'float32', shape: [...leading, predictions], data: lossWeights(batches, predictions) },
    ...(batches.some(({ corrections }) => corrections) && {
      corrections: {
        dtype: 'float32',
        shape: [...leading, predictions],
        data: correctionsOf(batches, predictions),
      },
    }),
  };
}

function correctionsOf(batches: readonly Batch[], predictions: number): Float32Array {
  const data = new Float32Array(batches.length * predictions);
  for (const [index, { corrections }] of batches.entries()) data.set(corrections ?? [], index * predictions);
  return data;
}

function lossWeights(batches: readonly Batch[], predictions: number): Float32Array {
  const weights = new Float32Array(batches.length * predictions);
  const masked = batches.reduce((sum, { maskedCount }) => sum + maskedCount, 0);
  for (const [index, batch] of batches.entries()) {
    weights.set(
      batch.weights.map((weight) => weight / Math.max(1, masked)),
      index * predictions,
    );
  }
  return weights;
}
