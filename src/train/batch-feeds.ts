import { ConfigError, sizeOf } from '../core/index.js';
import type { Batch } from '../data/index.js';
import type { TensorValue, TensorValues } from '../runtime/index.js';
import type { StepShape } from './step.js';

/** N: micro-batches of a step. */
export function microBatchesOf({ microBatches }: StepShape): number {
  return microBatches ?? 1;
}

/**
 * The micro-batches of one step, along a leading axis where there is more than one, with as many places in each sequence.
 * Weights are divided by their sum over the step, so that they sum to 1.
 */
export function batchFeeds(given: readonly Batch[], shape: StepShape): TensorValues {
  const batches = given.map((batch) => bySequence(batch, shape));
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
    positions: ints([batchSize, predictions / batchSize], (batch) => batch.positions),
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

/**
 * A batch with the predictions of each sequence at the same number of places, M / B, of which those left over weigh 0, at
 * the sequence's first token: the last layer then looks from these alone.
 */
function bySequence(batch: Batch, { batchSize, sequenceLength, predictions }: StepShape): Batch {
  const places = predictions / batchSize;
  const counts = new Int32Array(batchSize);
  const source = new Int32Array(predictions).fill(-1);
  for (const [index, position] of batch.positions.entries()) {
    if (batch.weights[index] === 0) continue;
    const sequence = Math.floor(position / sequenceLength);
    const place = counts[sequence] ?? 0;
    if (!(place < places))
      throw new ConfigError(
        `a sequence has room for ${places} predictions but needs more: see maskedCountBound`,
      );
    source[sequence * places + place] = index;
    counts[sequence] = place + 1;
  }
  const label = batch.labels[0] ?? 0; // an ordinary id, whatever it is of
  const first = (place: number) => Math.floor(place / places) * sequenceLength;
  return {
    ...batch,
    positions: source.map((index, place) => (index < 0 ? first(place) : (batch.positions[index] as number))),
    labels: source.map((index) => (index < 0 ? label : (batch.labels[index] as number))),
    weights: Float32Array.from(source, (index) => (index < 0 ? 0 : (batch.weights[index] as number))),
    ...(batch.corrections && {
      corrections: Float32Array.from(source, (index) =>
        index < 0 ? 0 : (batch.corrections?.[index] as number),
      ),
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
