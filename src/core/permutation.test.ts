import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigError, RandomPurpose, SeededPermutation } from './index.js';

const permutation = (count: number, seed = 1, epoch = 0) =>
  new SeededPermutation(count, seed, RandomPurpose.shuffling, epoch);

const listed = (of: SeededPermutation) => Array.from({ length: of.count }, (_, index) => of.at(index));

describe('SeededPermutation', () => {
  it('goes everywhere once, for any count', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3000 }), fc.maxSafeInteger(), (count, seed) => {
        const places = listed(permutation(count, seed));
        expect(new Set(places).size).toBe(count);
        expect(Math.max(...places)).toBe(count - 1);
      }),
      { numRuns: 60 },
    );
  });

  it('is another one for another seed and for another epoch', () => {
    const base = listed(permutation(500));
    expect(listed(permutation(500))).toEqual(base);
    expect(listed(permutation(500, 2))).not.toEqual(base);
    expect(listed(permutation(500, 1, 1))).not.toEqual(base);
  });

  it('leaves no trace of the order: neighbours and places are as chance has them', () => {
    const count = 10_007;
    const places = listed(permutation(count));
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    // The distance of two places drawn at random is a third of the range, with a standard error of 0.24 % of it.
    const steps = places.slice(1).map((place, index) => Math.abs(place - (places[index] as number)));
    const moves = places.map((place, index) => Math.abs(place - index));
    for (const distance of [steps, moves]) {
      expect(Math.abs(mean(distance) / count - 1 / 3)).toBeLessThan(0.01);
    }
    const fixed = places.filter((place, index) => place === index).length;
    expect(fixed).toBeLessThan(10);
  });

  it('draws every one of the six orders of three things alike', () => {
    const counts = new Map<string, number>();
    for (let seed = 0; seed < 6000; seed++) {
      const order = listed(permutation(3, seed)).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    // A thousand of each expected, with a standard deviation of 29.
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });

  it('works up to 2^32 things', () => {
    const large = permutation(2 ** 32);
    const places = [0, 1, 2 ** 31, 2 ** 32 - 1].map((index) => large.at(index));
    expect(new Set(places).size).toBe(4);
    for (const place of places) expect(Number.isInteger(place) && place >= 0 && place < 2 ** 32).toBe(true);
  });

  it.each([0, -1, 1.5, 2 ** 32 + 1, Number.NaN])('refuses to order %s things', (count) => {
    expect(() => permutation(count)).toThrow(ConfigError);
  });

  it.each([-1, 7, 0.5])('has no place for index %s of 7', (index) => {
    expect(() => permutation(7).at(index)).toThrow(/index .* of a permutation of 7/);
  });
});
