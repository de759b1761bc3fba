import { describe, expect, it } from 'vitest';
import { RandomPurpose, RandomStream } from './random.js';
import {
  chiSquaredPValue,
  logGamma,
  meanInterval,
  normalPValue,
  ratioInterval,
  studentQuantile,
} from './statistics.js';

describe('distributions', () => {
  it('agree with printed tables', () => {
    expect(chiSquaredPValue(3.841459, 1)).toBeCloseTo(0.05, 6);
    expect(chiSquaredPValue(13.815511, 2)).toBeCloseTo(0.001, 8);
    expect(chiSquaredPValue(149.449253, 100)).toBeCloseTo(0.001, 7);
    expect(chiSquaredPValue(4000, 4000)).toBeCloseTo(0.497, 2);
    expect(chiSquaredPValue(0, 5)).toBe(1);
    expect(chiSquaredPValue(Number.POSITIVE_INFINITY, 5)).toBe(0);
    expect(normalPValue(1.959964)).toBeCloseTo(0.05, 6);
    expect(normalPValue(-1.959964)).toBeCloseTo(0.05, 6);
  });

  it('know factorials and the gamma function of a half', () => {
    expect(Math.exp(logGamma(6))).toBeCloseTo(120, 8);
    expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.PI) / 2, 12);
  });

  it('give the quantiles of Student', () => {
    expect(studentQuantile(0.95, 1)).toBeCloseTo(12.7062, 3);
    expect(studentQuantile(0.95, 2)).toBeCloseTo(4.30265, 4);
    expect(studentQuantile(0.95, 9)).toBeCloseTo(2.26216, 4);
    expect(studentQuantile(0.99, 30)).toBeCloseTo(2.75, 3);
  });
});

describe('meanInterval', () => {
  it('is the mean with t standard errors', () => {
    const { mean, halfWidth } = meanInterval([1, 2, 3]);
    expect(mean).toBe(2);
    expect(halfWidth).toBeCloseTo(4.30265 / Math.sqrt(3), 4);
    expect(meanInterval([5])).toEqual({ mean: 5, halfWidth: undefined });
  });
});

describe('ratioInterval', () => {
  it('is that of the mean where all denominators are 1, and nothing where the ratio is the same in every part', () => {
    const { ratio, halfWidth } = ratioInterval([1, 2, 3], [1, 1, 1]);
    expect(ratio).toBe(2);
    expect(halfWidth).toBeCloseTo(meanInterval([1, 2, 3]).halfWidth ?? Number.NaN, 12);
    expect(ratioInterval([2, 4, 6], [1, 2, 3])).toEqual({ ratio: 2, halfWidth: 0 });
    expect(ratioInterval([6], [3])).toEqual({ ratio: 2, halfWidth: undefined });
  });

  it('holds the true ratio in about 95 of 100 samples', () => {
    const random = new RandomStream(5, RandomPurpose.sampling);
    let held = 0;
    for (let sample = 0; sample < 400; sample++) {
      const denominators = Array.from({ length: 30 }, () => 1 + random.nextFloat());
      const numerators = denominators.map((value) => value * (2 + random.nextFloat()));
      const { ratio, halfWidth = 0 } = ratioInterval(numerators, denominators);
      held += Number(Math.abs(ratio - 2.5) <= halfWidth);
    }
    expect(held).toBeGreaterThan(362);
    expect(held).toBeLessThan(396);
  });
});
