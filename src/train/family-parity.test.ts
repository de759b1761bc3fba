import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileProgram } from '../graph/index.js';
import {
  families,
  type ModelFamily,
  modernBertCounts,
  modernBertMixing,
  modernBertNgrams,
} from '../model/index.js';
import { familyProgram, formulaWeights, projections, readFamilyGoldens } from '../model/testing/index.js';
import { Engine, type TensorValue } from '../runtime/index.js';

let engine: Engine;
beforeAll(() => {
  engine = new Engine({ threads: 1 });
});
afterAll(() => engine.close());

const goldens = readFamilyGoldens();

function largestDifference(got: ArrayLike<number>, expected: readonly number[]): number {
  expect(got.length).toBe(expected.length);
  return Math.max(...expected.map((value, index) => Math.abs(value - (got[index] as number))));
}

/** All but those that transformers does not have. */
const own: readonly ModelFamily[] = [modernBertCounts, modernBertMixing, modernBertNgrams];
const comparable = families.filter((family) => !own.includes(family));

describe.each(comparable.map(({ modelType }) => modelType))(
  "%s on ONNX Runtime equals transformers'",
  (modelType) => {
    const own = goldens.filter(({ config }) => config.model_type === modelType);

    it('in at least five random models with a prediction head', () => {
      expect(own.filter(({ task }) => task === 'fill-mask').length).toBeGreaterThanOrEqual(5);
    });

    it.each(own.map((golden, index) => [index, golden.task, golden] as const))(
      'model %i, %s: logits, loss and every gradient',
      async (_, __, golden) => {
        const { model, logits, loss, slopes } = familyProgram(golden);
        const names = [...slopes.keys()].sort();
        expect(names.length).toBe(golden.gradients.length);
        const outputs = Object.fromEntries([...slopes].map(([name, slope]) => [`slope/${name}`, slope]));
        const loaded = await engine.load(compileProgram({ logits, loss, ...outputs }));
        const feeds = [...formulaWeights(model.parameters)].map(
          ([name, { shape, data }]): [string, TensorValue] => [name, { dtype: 'float32', shape, data }],
        );
        const results = await loaded.run(Object.fromEntries(feeds));
        await loaded.release();
        const numbers = (name: string) => Array.from(results[name]?.data ?? [], Number);
        expect(largestDifference(numbers('logits'), golden.logits)).toBeLessThan(1e-4);
        expect(Math.abs((numbers('loss')[0] as number) - golden.loss)).toBeLessThan(1e-5);
        const largest = Math.max(...golden.gradients.map(([norm]) => norm));
        for (const [index, expected] of golden.gradients.entries()) {
          const name = names[index] as string;
          const difference = largestDifference(projections(numbers(`slope/${name}`)), expected);
          // What cancels (as a key's bias, which moves all scores of a query alike) is known to float32's rounding only;
          // in float64 every gradient is held to its own size (src/model/family-goldens.test.ts).
          expect(difference, name).toBeLessThan(Math.max(1e-4 * expected[0], 2e-6 * largest));
        }
      },
    );
  },
);
