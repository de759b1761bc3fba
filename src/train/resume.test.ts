import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TensorValue } from '../runtime/index.js';
import { Engine } from '../runtime/index.js';
import type { BetweenSteps, ResumePoint, TrainingHooks } from './between-steps.js';
import { runTraining } from './loop.js';
import { LossGuard } from './loss-guard.js';
import { batchAt, tinyTraining } from './testing/tiny-training.js';

let engine: Engine;
beforeAll(() => {
  engine = new Engine({ threads: 2 });
});
afterAll(() => engine.close());

/** A copy of a run's place that outlives it. */
async function copyOf({ step, elapsedMs, plan, rateScale, state }: BetweenSteps): Promise<ResumePoint> {
  const copied: (readonly [string, TensorValue])[] = [];
  for await (const each of state()) copied.push(each);
  async function* again() {
    yield* copied;
  }
  return { step, elapsedMs, plan, rateScale, state: again() };
}

describe.each(['adamw', 'muon'] as const)('a run with %s', (optimizer) => {
  it('resumes bit for bit from any place between its steps', async () => {
    const points: ResumePoint[] = [];
    const hooks: TrainingHooks = {
      afterSteps: async (_, between) => {
        points.push(await copyOf(between));
        return { kind: 'continue' };
      },
    };
    const whole = await runTraining(tinyTraining(engine, { optimizer, hooks }));
    expect(points.map(({ step }) => step)).toEqual([4, 8, 12, 16, 20, 22]);
    for (const from of [points[0], points[3], points[4], points[5]] as ResumePoint[]) {
      const resumed = await runTraining(tinyTraining(engine, { optimizer, hooks: { from } }));
      expect(resumed.steps).toBe(22);
      expect(resumed.lossNats).toEqual(whole.lossNats.slice(from.step));
      expect(resumed.parameters).toEqual(whole.parameters);
      expect(resumed.interrupted).toBe(false);
    }
  });
});

describe('a step that is not finite', () => {
  const poisoned = (bad: number) => (index: number) => {
    const batch = batchAt(index);
    return index === bad ? { ...batch, weights: batch.weights.map(() => Number.NaN) } : batch;
  };

  it.each([0, 2, 21])('changes nothing and is reported (step %i)', async (bad) => {
    const skipped: number[] = [];
    const course: TrainingHooks = {
      afterSteps: async ({ step, lossNats, skipped: places }) => {
        skipped.push(...places.map((place) => step - lossNats.length + place));
        return { kind: 'continue' };
      },
    };
    const outcome = await runTraining(tinyTraining(engine, { batchAt: poisoned(bad), hooks: course }));
    expect(skipped).toEqual([bad]);
    expect(outcome.lossNats[bad]).toBeNaN();
    expect(outcome.lossNats.filter(Number.isFinite)).toHaveLength(21);
    for (const { data } of outcome.parameters.values()) expect(data.every(Number.isFinite)).toBe(true);
    const alone = await runTraining(
      tinyTraining(engine, { batchAt: poisoned(bad), stepsPerRun: 1, hooks: course }),
    );
    expect(alone.parameters).toEqual(outcome.parameters);
  });

  it('leaves parameters and moments exactly as they were', async () => {
    const points: ResumePoint[] = [];
    const hooks: TrainingHooks = {
      afterSteps: async (_, between) => {
        points.push(await copyOf(between));
        return { kind: 'continue' };
      },
    };
    const run = { batchAt: poisoned(3), stepsPerRun: 1, budget: { steps: 4 }, hooks };
    await runTraining(tinyTraining(engine, run));
    const [before, after] = [points[2], points[3]] as [ResumePoint, ResumePoint];
    const values = async ({ state }: ResumePoint) => {
      const all: unknown[] = [];
      for await (const [name, { data }] of state ?? []) all.push([name, data]);
      return all;
    };
    expect(await values(after)).toEqual(await values(before));
  });
});

describe('a rewind', () => {
  it('goes back to a place and on from it with another learning rate', async () => {
    let place: ResumePoint | undefined;
    let rewound = false;
    const rates: number[] = [];
    const hooks: TrainingHooks = {
      afterSteps: async (report, between) => {
        rates.push(...report.learningRates);
        if (between.step === 8 && !place) place = await copyOf(between);
        if (between.step !== 16 || rewound || !place) return { kind: 'continue' };
        rewound = true;
        return { kind: 'rewind', to: { ...place, rateScale: 0.5 } };
      },
    };
    const { steps, lossNats } = await runTraining(tinyTraining(engine, { hooks }));
    expect(steps).toBe(22);
    expect(lossNats).toHaveLength(30);
    expect(rates[16]).toBeCloseTo((rates[8] as number) / 2, 12);
    expect(lossNats[16]).toBe(lossNats[8]); // the same parameters meet the same batch again
    expect(lossNats[17]).not.toBe(lossNats[9]);
  });

  it('without a state goes back to the beginning', async () => {
    let rewound = false;
    const hooks: TrainingHooks = {
      afterSteps: async () => {
        if (rewound) return { kind: 'continue' };
        rewound = true;
        return { kind: 'rewind', to: { step: 0, elapsedMs: 0, plan: [], rateScale: 1 } };
      },
    };
    const plain = await runTraining(tinyTraining(engine, {}));
    const again = await runTraining(tinyTraining(engine, { hooks }));
    expect(again.parameters).toEqual(plain.parameters);
  });
});

describe('LossGuard', () => {
  const calm = (guard: LossGuard, steps: number) =>
    guard.observe({
      lossNats: Array.from({ length: steps }, (_, index) => 3 + 0.1 * Math.sin(index)),
      skipped: [],
    });

  it('bears bad batches and single high losses', () => {
    const guard = new LossGuard();
    expect(calm(guard, 200)).toBeUndefined();
    expect(guard.observe({ lossNats: [30, 3, 30, Number.NaN, 3], skipped: [3] })).toBeUndefined();
    expect(guard.state.skipped).toBe(1);
    expect(guard.state.mean).toBeCloseTo(3, 1);
  });

  it('speaks after five skipped steps or twenty high losses in a row, also across a resume', () => {
    const guard = new LossGuard();
    calm(guard, 200);
    expect(guard.observe({ lossNats: Array(4).fill(Number.NaN), skipped: [0, 1, 2, 3] })).toBeUndefined();
    const resumed = new LossGuard(structuredClone(guard.state));
    expect(resumed.observe({ lossNats: [Number.NaN], skipped: [0] })).toMatch(/5 steps in a row.*not finite/);
    calm(guard, 1);
    expect(guard.observe({ lossNats: Array(19).fill(9), skipped: [] })).toBeUndefined();
    expect(guard.observe({ lossNats: [9], skipped: [] })).toMatch(
      /20 steps in a row.*usual 3\.0\d nats, the last 9/,
    );
    guard.forget();
    expect(guard.observe({ lossNats: [9], skipped: [] })).toBeUndefined();
  });

  it('says nothing while a run settles', () => {
    expect(new LossGuard().observe({ lossNats: [2, ...Array(49).fill(50)], skipped: [] })).toBeUndefined();
  });
});
