import { describe, expect, it } from 'vitest';
import { ConfigError } from '../core/index.js';
import type { Batch } from '../data/index.js';
import { modernBert } from '../model/index.js';
import { tinySizes } from '../model/testing/index.js';
import { batchFeeds } from './batch-feeds.js';
import { trainingStep } from './step.js';

const shape = { batchSize: 3, sequenceLength: 4, predictions: 6 };

/** Predictions at 1, 2 of the first sequence and 9 of the last; none in the second. */
const batch: Batch = {
  inputIds: Int32Array.from({ length: 12 }, (_, index) => 20 + index),
  positions: Int32Array.of(1, 2, 9, 0, 0, 0),
  labels: Int32Array.of(11, 12, 13, 5, 5, 5),
  weights: Float32Array.of(1, 1, 1, 0, 0, 0),
  maskedCount: 3,
  corrections: Float32Array.of(-1, -2, -3, 0, 0, 0),
};
const numbers = (batches: readonly Batch[], name: string, of = shape) =>
  Array.from(batchFeeds(batches, of)[name]?.data ?? [], Number);

describe('batchFeeds', () => {
  it('gives every sequence as many places, those left over at its first token without weight', () => {
    expect(batchFeeds([batch], shape).positions?.shape).toEqual([3, 2]);
    expect(numbers([batch], 'positions')).toEqual([1, 2, 4, 4, 9, 8]);
    expect(numbers([batch], 'labels')).toEqual([11, 12, 11, 11, 13, 11]);
    expect(numbers([batch], 'corrections')).toEqual([-1, -2, 0, 0, -3, 0]);
    const third = Math.fround(1 / 3);
    expect(numbers([batch], 'weights')).toEqual([third, third, 0, 0, third, 0]);
  });

  it('puts micro-batches one after the other, whose weights together sum to 1', () => {
    const other = { ...batch, weights: Float32Array.of(1, 0, 0, 0, 0, 0), maskedCount: 1 };
    const both = { ...shape, microBatches: 2 };
    expect(batchFeeds([batch, other], both).positions?.shape).toEqual([2, 3, 2]);
    expect(numbers([batch, other], 'weights', both).filter((weight) => weight > 0)).toEqual(
      Array(4).fill(0.25),
    );
    expect(numbers([batch, other], 'positions', both).slice(6)).toEqual([1, 0, 4, 4, 8, 8]);
  });

  it('takes a batch with nothing to predict', () => {
    const empty = {
      ...batch,
      weights: new Float32Array(6),
      labels: new Int32Array(6).fill(5),
      maskedCount: 0,
    };
    expect(numbers([empty], 'labels')).toEqual(Array(6).fill(5));
    expect(numbers([empty], 'weights')).toEqual(Array(6).fill(0));
  });

  it('refuses more predictions in a sequence than it has places for', () => {
    const crowded = { ...batch, positions: Int32Array.of(1, 2, 3, 0, 0, 0) };
    expect(() => batchFeeds([crowded], shape)).toThrow(ConfigError);
    expect(() => batchFeeds([crowded], shape)).toThrow(/room for 2 predictions/);
  });
});

it('a step with predictions that do not come in equal parts to its sequences is refused', () => {
  const model = modernBert.create(tinySizes);
  const step = () =>
    trainingStep(model, { ...shape, predictions: 7 }, { maxGradientNorm: 1, specialIds: [0] });
  expect(step).toThrow('7 predictions do not come in equal parts to 3 sequences');
});
