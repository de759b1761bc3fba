import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Engine } from '../runtime/index.js';
import { runTraining } from './loop.js';
import { tinyTraining } from './testing/tiny-training.js';
import type { ParameterWatch } from './training-run.js';

let engine: Engine;
beforeAll(() => {
  engine = new Engine({ threads: 1 });
});
afterAll(() => engine.close());

/** What a watch sees of a run: the steps, and one value of the parameters at each. */
async function seen(stepsPerRun: number, every: number) {
  const looks: { readonly step: number; readonly value: number }[] = [];
  const watch: ParameterWatch = {
    every,
    look: async (step, parameters) => {
      looks.push({ step, value: [...parameters.values()][0]?.data[0] ?? Number.NaN });
    },
  };
  await runTraining(tinyTraining(engine, { stepsPerRun, watch }));
  return looks;
}

describe('a watch of the parameters', () => {
  it('looks after every so many steps, at the parameters of that step, whatever is done in one go', async () => {
    const looks = await seen(4, 6);
    expect(looks.map(({ step }) => step)).toEqual([6, 12, 18]);
    expect(new Set(looks.map(({ value }) => value)).size).toBe(3);
    expect(await seen(1, 6)).toEqual(looks);
    expect(await seen(6, 6)).toEqual(looks);
  });
});
