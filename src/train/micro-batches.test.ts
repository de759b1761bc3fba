import { describe, expect, it } from 'vitest';
import { planMicroBatches } from './micro-batches.js';

describe('planMicroBatches', () => {
  const sizes = { batchSize: 32, sequenceLength: 128, hidden: 256 };

  it('takes the fewest equal parts whose activations are small', () => {
    expect(planMicroBatches(sizes)).toEqual({ microBatchSize: 8, microBatches: 4 });
    expect(planMicroBatches({ ...sizes, batchSize: 16, hidden: 128 }).microBatches).toBe(1);
    expect(planMicroBatches({ ...sizes, batchSize: 12 })).toEqual({ microBatchSize: 6, microBatches: 2 });
    expect(planMicroBatches({ ...sizes, batchSize: 13 })).toEqual({ microBatchSize: 1, microBatches: 13 });
  });

  it('takes what is asked for when it divides the batch, and says so when it does not', () => {
    expect(planMicroBatches(sizes, 16)).toEqual({ microBatchSize: 16, microBatches: 2 });
    expect(() => planMicroBatches(sizes, 5)).toThrow('32 sequences cannot be cut into micro-batches of 5');
  });
});
