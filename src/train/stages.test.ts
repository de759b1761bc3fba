import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Engine, type TensorValue } from '../runtime/index.js';
import type { ResumePoint, TrainingHooks } from './between-steps.js';
import { runTraining } from './loop.js';
import { batchAt, tinyTraining } from './testing/tiny-training.js';

let engine: Engine;
beforeAll(() => {
  engine = new Engine({ threads: 2 });
});
afterAll(() => engine.close());

/** Six steps of one row, seven of one row in two micro-batches, then two rows a step. */
function staged(hooks: TrainingHooks = {}) {
  const half = (index: number) => {
    const { inputIds, positions, labels } = batchAt(index);
    const ofFirstRow = { positions: positions.subarray(0, 2), labels: labels.subarray(0, 2) };
    const weights = new Float32Array(2).fill(1);
    return { inputIds: inputIds.subarray(0, 16), ...ofFirstRow, weights, maskedCount: 2 };
  };
  const stage = (microBatches: number, untilStep: number) => {
    const shape = { batchSize: 1, sequenceLength: 16, predictions: 2, microBatches };
    return { untilStep, shape, step: tinyTraining(engine, { shape }).step, batchAt: half };
  };
  return tinyTraining(engine, { stages: [stage(1, 6), stage(2, 13)], hooks });
}

/** Collects a copy of every place between the steps of a run. */
function collecting(points: ResumePoint[]): TrainingHooks {
  return {
    afterSteps: async (_, { state, ...place }) => {
      const copied: (readonly [string, TensorValue])[] = [];
      for await (const each of state()) copied.push(each);
      const again = async function* () {
        yield* copied;
      };
      points.push({ ...place, state: again() });
      return { kind: 'continue' };
    },
  };
}

describe('a run in stages', () => {
  it('of equal shapes is the run without them', async () => {
    const plain = tinyTraining(engine, {});
    const { step, shape } = tinyTraining(engine, {});
    const expected = await runTraining(plain);
    const outcome = await runTraining({ ...plain, stages: [{ untilStep: 6, step, shape, batchAt }] });
    expect(outcome.lossNats).toEqual(expected.lossNats);
    expect(outcome.parameters).toEqual(expected.parameters);
  });

  it('ends its goes where stages end, and resumes bit for bit from any place', async () => {
    const points: ResumePoint[] = [];
    const whole = await runTraining(staged(collecting(points)));
    expect(points.map(({ step }) => step)).toEqual([4, 6, 10, 13, 17, 21, 22]);
    for (const from of points.slice(0, 5)) {
      const resumed = await runTraining(staged({ from }));
      expect(resumed.lossNats).toEqual(whole.lossNats.slice(from.step));
      expect(resumed.parameters).toEqual(whole.parameters);
    }
  });

  it('rewinds into an earlier stage', async () => {
    const points: ResumePoint[] = [];
    const collect = collecting(points);
    let rewound = false;
    const { lossNats } = await runTraining(
      staged({
        afterSteps: async (report, between) => {
          if (between.step === 4 && !rewound)
            return collect.afterSteps?.(report, between) ?? { kind: 'stop' };
          if (between.step < 17 || rewound) return { kind: 'continue' };
          rewound = true;
          return { kind: 'rewind', to: points[0] as ResumePoint };
        },
      }),
    );
    expect(lossNats).toHaveLength(17 + 18);
    expect(lossNats.slice(17, 30)).toEqual(lossNats.slice(4, 17));
  });
});
