import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Engine } from '../runtime/index.js';
import { runTraining } from './loop.js';
import { batchAt, tinyTraining } from './testing/tiny-training.js';

let engine: Engine;
beforeAll(() => {
  engine = new Engine({ threads: 2 });
});
afterAll(() => engine.close());

describe('training that computes layers anew', () => {
  it.each([1, 3])('comes to the same bits with %i layers', async (layers) => {
    const kept = await runTraining(tinyTraining(engine, { layers }));
    const anew = await runTraining(tinyTraining(engine, { layers, recomputes: true }));
    expect(anew.lossNats).toEqual(kept.lossNats);
    expect(anew.parameters).toEqual(kept.parameters);
  });

  it('comes to the same bits in micro-batches', async () => {
    const shape = { batchSize: 2, sequenceLength: 16, predictions: 4, microBatches: 3 };
    const run = { layers: 2, shape, budget: { steps: 6 } };
    const kept = await runTraining(tinyTraining(engine, run));
    const anew = await runTraining(tinyTraining(engine, { ...run, recomputes: true }));
    expect(anew.parameters).toEqual(kept.parameters);
  });

  it('skips a step that is not finite all the same', async () => {
    const poisoned = (index: number) => {
      const batch = batchAt(index);
      return index === 2 ? { ...batch, weights: batch.weights.map(() => Number.POSITIVE_INFINITY) } : batch;
    };
    const { lossNats, parameters } = await runTraining(
      tinyTraining(engine, { recomputes: true, batchAt: poisoned }),
    );
    expect(lossNats.filter(Number.isFinite)).toHaveLength(21);
    for (const { data } of parameters.values()) expect(data.every(Number.isFinite)).toBe(true);
  });
});
