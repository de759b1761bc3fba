import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomPurpose, RandomStream } from '../core/index.js';
import { maskedCountBound, uniformMasking } from './index.js';

const strategies = [uniformMasking];

const stream = (seed: number) => new RandomStream(seed, RandomPurpose.masking);
const sequence = (length: number) => Int32Array.from({ length }, (_, position) => 100 + position);

/** A sequence's maskable positions, a rate and a seed. */
const questions = fc.record({
  maskable: fc.uniqueArray(fc.integer({ min: 0, max: 199 }), { maxLength: 200 }),
  rate: fc.double({ min: 1e-6, max: 1, noNaN: true }),
  seed: fc.nat(),
});

/** What every masking strategy promises. */
describe.each(strategies)('masking strategy $name', (strategy) => {
  const choose = (maskable: readonly number[], rate: number, seed: number) =>
    strategy.choosePositions(sequence(200), Int32Array.from(maskable).sort(), rate, stream(seed));

  it('chooses ascending positions, each once, out of the maskable ones', () => {
    fc.assert(
      fc.property(questions, ({ maskable, rate, seed }) => {
        const chosen = [...choose(maskable, rate, seed)];
        expect(chosen).toEqual([...new Set(chosen)].sort((a, b) => a - b));
        expect(chosen.every((position) => maskable.includes(position))).toBe(true);
      }),
    );
  });

  it('chooses the exact share, rounded up or down, and at least one', () => {
    fc.assert(
      fc.property(questions, ({ maskable, rate, seed }) => {
        const exact = rate * maskable.length;
        const count = choose(maskable, rate, seed).length;
        expect(count).toBeGreaterThanOrEqual(Math.min(maskable.length, Math.max(1, Math.floor(exact))));
        expect(count).toBeLessThanOrEqual(Math.min(maskable.length, Math.max(1, Math.ceil(exact))));
      }),
    );
  });

  it('never exceeds the bound, and the bound is reached', () => {
    for (const length of [1, 2, 7, 20, 126]) {
      for (const rate of [0.01, 0.15, 0.3, 0.5, 1]) {
        const maskable = Array.from({ length }, (_, position) => position);
        const counts = Array.from({ length: 400 }, (_, seed) => choose(maskable, rate, seed).length);
        expect(Math.max(...counts)).toBe(maskedCountBound(length, rate));
        expect(maskedCountBound(length + 2, rate, 2)).toBe(maskedCountBound(length, rate));
      }
    }
  });

  it('fits into the room that the bound keeps, however many positions of a sequence are special', () => {
    fc.assert(
      fc.property(questions, fc.nat(10), ({ maskable, rate, seed }, others) => {
        const bound = maskedCountBound(maskable.length + others, rate);
        expect(choose(maskable, rate, seed).length).toBeLessThanOrEqual(bound);
        expect(maskedCountBound(maskable.length + others, rate, others)).toBeLessThanOrEqual(bound);
      }),
    );
  });

  it('masks at the rate on average', () => {
    const maskable = Array.from({ length: 18 }, (_, position) => position);
    const runs = 20_000;
    let total = 0;
    for (let seed = 0; seed < runs; seed++) total += choose(maskable, 0.15, seed).length;
    // 2.7 a sequence: 2 or 3, standard deviation 0.458; five standard errors.
    expect(Math.abs(total / runs - 2.7)).toBeLessThan((5 * 0.458) / Math.sqrt(runs));
  });

  it('is a pure function of its arguments', () => {
    const ids = sequence(50);
    const maskable = Int32Array.from({ length: 48 }, (_, index) => index + 1);
    const [idsBefore, maskableBefore] = [ids.slice(), maskable.slice()];
    const first = strategy.choosePositions(ids, maskable, 0.3, stream(5));
    const again = strategy.choosePositions(ids, maskable, 0.3, stream(5));
    expect(again).toEqual(first);
    expect([ids, maskable]).toEqual([idsBefore, maskableBefore]);
    expect(strategy.choosePositions(ids, maskable, 0.3, stream(6))).not.toEqual(first);
  });
});

describe('uniformMasking', () => {
  it('gives every subset of a size the same chance', () => {
    const seen = new Map<string, number>();
    const maskable = Int32Array.from({ length: 10 }, (_, position) => position);
    const runs = 24_000;
    for (let seed = 0; seed < runs; seed++) {
      const key = uniformMasking.choosePositions(sequence(10), maskable, 0.3, stream(seed)).join();
      seen.set(key, (seen.get(key) ?? 0) + 1);
    }
    expect(seen.size).toBe(120); // 10 choose 3
    const expected = runs / 120;
    const chiSquared = [...seen.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    expect(chiSquared).toBeLessThan(172.5); // 119 degrees of freedom, p = 0.001
  });
});
