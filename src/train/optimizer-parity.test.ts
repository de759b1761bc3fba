import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evaluate, type NdArray } from '../graph/index.js';
import type { ParameterValues } from '../model/index.js';
import { Engine, type TensorValue } from '../runtime/index.js';
import { batchFeeds } from './batch-feeds.js';
import { runTraining } from './loop.js';
import { decayStart, learningRateAt } from './schedule.js';
import { tinyTraining } from './testing/tiny-training.js';

let engine: Engine;
beforeAll(() => {
  engine = new Engine({ threads: 1 });
});
afterAll(() => engine.close());

/** Small enough that every step of these is clipped. */
const MAX_NORM = 0.05;
const STEPS = 3;
/** What float32 can tell apart, relative, over these steps. */
const FLOAT32 = 2e-7;

interface Moments {
  readonly value: Float64Array;
  readonly first: Float64Array;
  readonly second: Float64Array;
}

/** Training by the book in float64: the graph's gradients, then Loshchilov & Hutter (2019), algorithm 2, as printed. */
function byTheBook(run: ReturnType<typeof tinyTraining>): Map<string, Float64Array> {
  const { step, shape, optimizer, schedule, budget } = run;
  const zeros = (length: number) => new Float64Array(length);
  const initial = new Map(
    [...piecesOf(run.initial, step.state)].map(([name, data]): [string, Moments] => [
      name,
      { value: Float64Array.from(data), first: zeros(data.length), second: zeros(data.length) },
    ]),
  );
  const plan = { totalSteps: STEPS, decayStart: decayStart(STEPS, schedule) };
  expect(budget).toEqual({ steps: STEPS });
  for (let t = 1; t <= STEPS; t++) {
    const feeds = new Map<string, NdArray>();
    for (const [name, { value }] of initial) {
      feeds.set(name, { shape: step.state.get(name)?.shape ?? [], data: value });
    }
    for (const [name, value] of Object.entries(batchFeeds([run.batchAt(t - 1)], shape)))
      feeds.set(name, asArray(value));
    const gradients = evaluate(
      step.descents.map(({ gradient }) => gradient),
      feeds,
    );
    const norm = Math.sqrt(gradients.reduce((sum, { data }) => sum + data.reduce((s, g) => s + g * g, 0), 0));
    expect(norm).toBeGreaterThan(MAX_NORM);
    const rate = learningRateAt(t - 1, plan, schedule);
    for (const [index, { name }] of step.descents.entries()) {
      const { value, first, second } = initial.get(name) as Moments;
      const isMatrix = (step.state.get(name)?.shape.length ?? 0) > 1;
      for (const [at, raw] of (gradients[index] as NdArray).data.entries()) {
        const g = (raw * MAX_NORM) / norm;
        first[at] = optimizer.beta1 * (first[at] as number) + (1 - optimizer.beta1) * g;
        second[at] = optimizer.beta2 * (second[at] as number) + (1 - optimizer.beta2) * g * g;
        const direction =
          (first[at] as number) /
          (1 - optimizer.beta1 ** t) /
          (Math.sqrt((second[at] as number) / (1 - optimizer.beta2 ** t)) + optimizer.epsilon);
        const decay = isMatrix ? optimizer.weightDecay * (value[at] as number) : 0;
        value[at] = (value[at] as number) - rate * (direction + decay);
      }
    }
  }
  return new Map([...initial].map(([name, { value }]) => [name, value]));
}

const asArray = ({ shape, data }: TensorValue): NdArray => ({ shape, data: Float64Array.from(data, Number) });

/** Values by the names of a step's state, whose pieces lie one after the other in a parameter. */
function piecesOf(values: ParameterValues, state: ReadonlyMap<string, unknown>): Map<string, Float32Array> {
  return new Map(
    [...values].flatMap(([name, { data }]): [string, Float32Array][] => {
      const pieces = [...state.keys()].filter(
        (key) => key.startsWith(`${name}/piece_`) && !key.includes('moment'),
      );
      if (pieces.length === 0) return [[name, data]];
      const size = data.length / pieces.length;
      return pieces.map((piece, index) => [piece, data.slice(index * size, (index + 1) * size)]);
    }),
  );
}

describe('a training', () => {
  it('takes the steps of AdamW as printed: clipped, corrected for bias, with decay on matrices only', async () => {
    const strong = { beta1: 0.9, beta2: 0.98, epsilon: 1e-6, weightDecay: 0.5 };
    const run = tinyTraining(engine, { budget: { steps: STEPS }, maxGradientNorm: MAX_NORM, adamW: strong });
    const { parameters, steps } = await runTraining(run);
    expect(steps).toBe(STEPS);
    const reached = piecesOf(parameters, run.step.state);
    for (const [name, expected] of byTheBook(run)) {
      const start = piecesOf(run.initial, run.step.state).get(name) as Float32Array;
      const moved = Math.max(...expected.map((value, at) => Math.abs(value - (start[at] as number))));
      for (const [at, value] of expected.entries()) {
        const difference = Math.abs((reached.get(name)?.[at] as number) - value);
        expect(difference, `${name}[${at}]`).toBeLessThan(2e-3 * moved + FLOAT32 * Math.abs(value));
      }
    }
  });

  it.each(['adamw', 'muon'] as const)('clips all gradients together (%s)', async (optimizer) => {
    const moments = new Map<string, Float32Array>();
    await runTraining(
      tinyTraining(engine, {
        optimizer,
        budget: { steps: 1 },
        stepsPerRun: 1,
        maxGradientNorm: MAX_NORM,
        hooks: {
          afterSteps: async (_, between) => {
            for await (const [name, { data }] of between.state())
              if (name.endsWith('moment_first')) moments.set(name, data as Float32Array);
            return { kind: 'continue' };
          },
        },
      }),
    );
    // After one step from nothing, the first moments are the clipped gradients.
    const squares = [...moments.values()].map((data) => data.reduce((sum, value) => sum + value * value, 0));
    expect(Math.sqrt(squares.reduce((sum, square) => sum + square, 0))).toBeCloseTo(MAX_NORM, 5);
  });
});
