import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerSchemas } from '../ask/schemas.js';
import { States } from '../infer/index.js';
import { type TinyModel, tinyModel } from '../infer/testing/index.js';
import { compareJointMethods, mutualInformation } from './joint-fills.js';
import { distanceTable, informationPlot } from './joint-report.js';

let tiny: TinyModel;
beforeAll(() => {
  tiny = tinyModel();
});
afterAll(() => tiny.engine.close());

describe('mutualInformation', () => {
  const states = new States(
    {
      ids: [],
      sites: [0, 1],
      candidates: [
        [1, 2],
        [3, 4],
      ],
    },
    'test',
  );

  it('is 0 for independent sites, and ln 2 for two that are the same coin', () => {
    expect(mutualInformation(Float64Array.of(0.06, 0.24, 0.14, 0.56), states)).toBeCloseTo(0, 12);
    expect(mutualInformation(Float64Array.of(0.5, 0, 0, 0.5), states)).toBeCloseTo(Math.LN2, 12);
  });
});

describe('compareJointMethods', () => {
  const text = 'The state of the union is stronger than the states of the union and the union is strong.';

  it('measures every method on two and three masks, and every distance; Gibbs converges', async () => {
    const options = { texts: [text], seed: 0, candidates: 4, repeats: 1 };
    const result = await compareJointMethods(tiny.predictor, tiny.tokenizer, options);
    answerSchemas['compare-joint'].parse(result);
    for (const masks of [2, 3]) {
      const own = result.distances.filter((entry) => entry.masks === masks);
      const gibbs = own
        .filter(({ method }) => method === 'gibbs')
        .map(({ totalVariation }) => totalVariation);
      expect(gibbs.at(-1)).toBeLessThan(0.02);
      expect(gibbs.at(-1)).toBeLessThan(gibbs[0] ?? 0);
      expect(new Set(own.map(({ method }) => method)).size).toBe(7);
    }
    expect(result.information.map(({ distance }) => distance)).toEqual([1, 2, 3, 4, 6, 8, 12, 16]);
    for (const { nats } of result.information) expect(nats).toBeGreaterThanOrEqual(-1e-9);
    expect(distanceTable(result.distances)).toMatch(/^\| gibbs, 100000 samples \| 0\.0\d\d /m);
    expect(informationPlot(result).match(/<circle /g)).toHaveLength(8);
  });

  it('says when texts are too short', async () => {
    const options = { texts: ['The union.'], seed: 0, candidates: 4, repeats: 1 };
    await expect(compareJointMethods(tiny.predictor, tiny.tokenizer, options)).rejects.toThrow(
      'too few texts are long enough',
    );
  });
});
