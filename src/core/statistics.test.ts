import { describe, expect, it } from 'vitest';
import { chiSquaredPValue, logGamma, meanInterval, normalPValue, studentQuantile } from './statistics.js';

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
