import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RandomPurpose, RandomStream } from '../core/index.js';
import type { Batch } from '../data/index.js';
import { initialParameters, modernBert } from '../model/index.js';
import { Engine } from '../runtime/index.js';
import { runTraining } from './loop.js';
import { trainingStep } from './step.js';
import type { TrainingRun } from './training-run.js';

const model = modernBert.of({
  vocabSize: 50,
  hiddenSize: 16,
  numHiddenLayers: 2,
  numAttentionHeads: 2,
  intermediateSize: 16,
  hiddenActivation: 'relu2',
  classifierActivation: 'gelu',
  maxPositionEmbeddings: 16,
  normEps: 1e-5,
  ropeTheta: 10_000,
  attentionBias: true,
  classifierBias: true,
  initializerRange: 0.02,
  padTokenId: 0,
  clsTokenId: 2,
  sepTokenId: 3,
  maskTokenId: 4,
});
const shape = { batchSize: 4, sequenceLength: 16, predictions: 12 };
const optimizer = { beta1: 0.9, beta2: 0.98, epsilon: 1e-8, weightDecay: 0.01 };

/** A language in which every token is followed by itself plus one: the masked one is its left neighbour plus one. */
function batchAt(step: number): Batch {
  const random = new RandomStream(0, RandomPurpose.masking, step);
  const inputIds = new Int32Array(64);
  const positions = new Int32Array(12);
  const labels = new Int32Array(12).fill(5);
  const weights = new Float32Array(12).fill(1);
  for (let row = 0; row < 4; row++) {
    const start = random.nextInt(45);
    for (let column = 0; column < 16; column++) inputIds[row * 16 + column] = 5 + ((start + column) % 45);
  }
  for (let mask = 0; mask < 8; mask++) {
    const position = mask * 8 + 1 + random.nextInt(7);
    positions[mask] = position;
    labels[mask] = inputIds[position] as number;
    inputIds[position] = 4;
  }
  weights.fill(0, 8);
  return { inputIds, positions, labels, weights, maskedCount: 8 };
}

let engine: Engine;
beforeAll(() => {
  engine = new Engine({ threads: 2 });
});
afterAll(() => engine.close());

function training(overrides: Partial<TrainingRun>): TrainingRun {
  return {
    engine,
    step: trainingStep(model, shape, { maxGradientNorm: 1, specialIds: [0, 1, 2, 3, 4] }),
    shape,
    initial: initialParameters(model, { seed: 1, neighbourOffsets: [1, -1] }),
    batchAt,
    optimizer,
    maxGradientNorm: 1,
    schedule: { peak: 1e-2, warmupSteps: 5, decayShare: 0.5 },
    budget: { steps: 22 },
    stepsPerRun: 4,
    ...overrides,
  };
}

describe('runTraining', () => {
  it('repeats bit for bit, also with another number of steps in one go', async () => {
    const first = await runTraining(training({}));
    const second = await runTraining(training({}));
    const other = await runTraining(training({ stepsPerRun: 8 }));
    expect(first.lossNats).toHaveLength(22);
    expect(second.lossNats).toEqual(first.lossNats);
    expect(second.parameters).toEqual(first.parameters);
    expect(other.lossNats).toEqual(first.lossNats);
    expect(other.parameters).toEqual(first.parameters);
    const elsewhere = await runTraining(training({ initial: initialParameters(model, { seed: 2 }) }));
    expect(elsewhere.lossNats).not.toEqual(first.lossNats);
  });

  it('adds up micro-batches to what one batch of all their sequences gives', async () => {
    const options = { maxGradientNorm: 1, specialIds: [0, 1, 2, 3, 4] };
    const halves = { batchSize: 2, sequenceLength: 16, predictions: 6, microBatches: 2 };
    const half = (index: number): Batch => {
      const whole = batchAt(Math.floor(index / 2));
      const isFirst = index % 2 === 0;
      const chosen = [...whole.positions.keys()].filter(
        (place) => (whole.weights[place] ?? 0) > 0 && (whole.positions[place] ?? 0) < 32 === isFirst,
      );
      const pick = (values: Int32Array, shift = 0) =>
        Int32Array.from({ length: 6 }, (_, place) => (values[chosen[place] ?? 0] ?? 0) - shift);
      return {
        inputIds: whole.inputIds.slice(isFirst ? 0 : 32, isFirst ? 32 : 64),
        positions: pick(whole.positions, isFirst ? 0 : 32).map((position) => Math.max(0, position)),
        labels: pick(whole.labels),
        weights: Float32Array.from({ length: 6 }, (_, place) => (place < chosen.length ? 1 : 0)),
        maskedCount: chosen.length,
      };
    };
    const whole = await runTraining(training({ budget: { steps: 6 } }));
    const summed = await runTraining(
      training({
        step: trainingStep(model, halves, options),
        shape: halves,
        batchAt: half,
        budget: { steps: 6 },
      }),
    );
    for (const [index, loss] of whole.lossNats.entries()) expect(summed.lossNats[index]).toBeCloseTo(loss, 4);
    const again = await runTraining(
      training({
        step: trainingStep(model, halves, options),
        shape: halves,
        batchAt: half,
        budget: { steps: 6 },
        stepsPerRun: 3,
      }),
    );
    expect(again.parameters).toEqual(summed.parameters);
  });

  it('learns a language of successors', async () => {
    const { lossNats } = await runTraining(training({ budget: { steps: 1200 } }));
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean(lossNats.slice(0, 10))).toBeGreaterThan(3.5);
    expect(mean(lossNats.slice(-40))).toBeLessThan(0.5);
  });

  it('ends a timed run by a full decay that its plan repeats', async () => {
    const rates: number[] = [];
    const timed = await runTraining(
      training({ budget: { ms: 300 }, onSteps: ({ learningRate }) => rates.push(learningRate) }),
    );
    expect(timed.interrupted).toBe(false);
    expect(rates.at(-1)).toBeLessThan(2e-3);
    const repeated = await runTraining(training({ budget: { plan: timed.plan } }));
    expect(repeated.lossNats).toEqual(timed.lossNats);
    expect(repeated.parameters).toEqual(timed.parameters);
  });

  it('stops after the steps under way when aborted, with the parameters reached', async () => {
    const controller = new AbortController();
    const outcome = await runTraining(
      training({
        budget: { steps: 1000 },
        signal: controller.signal,
        onSteps: ({ step }) => {
          if (step >= 8) controller.abort();
        },
      }),
    );
    expect(outcome.interrupted).toBe(true);
    expect(outcome.steps).toBe(8);
    const short = await runTraining(training({ budget: { steps: 1000 }, signal: AbortSignal.abort() }));
    expect(short.steps).toBe(0);
    expect(short.parameters).toEqual(initialParameters(model, { seed: 1, neighbourOffsets: [1, -1] }));
  });
});
