import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { initialParameters, modernBert } from '../model/index.js';
import { tinySizes } from '../model/testing/index.js';
import { Engine } from '../runtime/index.js';
import { plannedEpochs, runTuning, type TuningRun, tuningRate } from './tuning.js';

let engine: Engine;
beforeAll(() => {
  engine = new Engine({ threads: 1 });
});
afterAll(() => engine.close());

describe('the rate of a tuning', () => {
  it('rises over six in a hundred steps and falls to nothing at the end of the plan', () => {
    const rates = Array.from({ length: 101 }, (_, step) => tuningRate(step, 100));
    expect(rates.slice(0, 7)).toEqual([1, 2, 3, 4, 5, 6, 6].map((part) => expect.closeTo(part / 6)));
    expect(rates[53]).toBeCloseTo(0.5);
    expect(rates[99]).toBeCloseTo(1 / 94);
    expect(rates[100]).toBe(0);
  });

  it('follows a plan that the budget shortens', () => {
    expect(plannedEpochs(1, 50_000, 240_000, 8)).toBe(4);
    expect(plannedEpochs(1, 10_000, 240_000, 8)).toBe(8);
    expect(plannedEpochs(2, 300_000, 240_000, 8)).toBe(2);
  });
});

describe('runTuning', () => {
  const model = modernBert.create(tinySizes, 'text-classification', ['a', 'b']);
  const sequences = Array.from({ length: 8 }, (_, index) => ({
    inputIds: Int32Array.of(2, 7 + (index % 2), 9, 3),
    labels: Int32Array.of(index % 2),
  }));
  const tuning = (overrides: Partial<TuningRun>): TuningRun => ({
    engine,
    model,
    initial: initialParameters(model, { seed: 1 }),
    sequences,
    batches: { labelsEach: 'text', padId: 0, batchTokens: 64, maxTokens: 16 },
    optimizer: { beta1: 0.9, beta2: 0.98, epsilon: 1e-8, weightDecay: 0.01 },
    maxGradientNorm: 1,
    freezesBody: false,
    learningRate: 1e-2,
    epochs: 6,
    patience: 10,
    budgetMs: 1e9,
    seed: 0,
    validate: async () => 0.5,
    ...overrides,
  });

  it('learns, and keeps the parameters of the best epoch', async () => {
    let epoch = 0;
    const seen: number[] = [];
    const outcome = await runTuning(
      tuning({
        validate: async (parameters) => {
          seen.push(parameters.get('classifier.weight')?.data[0] ?? Number.NaN);
          return ++epoch === 3 ? 1 : 0;
        },
      }),
    );
    expect(outcome.epochs.at(-1)?.lossNats).toBeLessThan(0.5 * (outcome.epochs[0]?.lossNats ?? 0));
    expect(outcome.bestEpoch).toBe(3);
    expect(outcome.epochs).toHaveLength(6);
    expect(new Set(seen).size).toBe(6);
    expect(outcome.parameters.get('classifier.weight')?.data[0]).toBe(seen[2]);
  });

  it('ends with the epochs that its budget holds, and after epochs without a better score', async () => {
    const slow = async () => {
      await new Promise((resolve) => setTimeout(resolve, 30));
      return 0.5;
    };
    expect((await runTuning(tuning({ budgetMs: 1, validate: slow }))).epochs).toHaveLength(1);
    expect((await runTuning(tuning({ patience: 2 }))).epochs).toHaveLength(3);
  });
});
