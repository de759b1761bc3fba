import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LARGEST_FLOAT16, narrowToFloat16 } from './float16.js';
import { widenFloat16 } from './safetensors-dtype.js';

const narrowed = (value: number): number => narrowToFloat16(Float32Array.of(value))[0] as number;
const widened = (bits: number): number => widenFloat16(Uint16Array.of(bits))[0] as number;

describe('narrowToFloat16', () => {
  it('gives the very bits back of everything that half precision holds', () => {
    const all = Uint16Array.from({ length: 0x10000 }, (_, bits) => bits).filter(
      (bits) => (bits & 0x7c00) !== 0x7c00 || (bits & 0x03ff) === 0,
    );
    expect(narrowToFloat16(widenFloat16(all))).toEqual(all);
  });

  it('rounds to the nearest, ties to even', () => {
    expect(narrowed(1 + 2 ** -11)).toBe(0x3c00);
    expect(narrowed(1 + 3 * 2 ** -11)).toBe(0x3c02);
    expect(narrowed(2 ** -25)).toBe(0);
    expect(narrowed(3 * 2 ** -25)).toBe(2);
    fc.assert(
      fc.property(fc.float({ min: -LARGEST_FLOAT16, max: LARGEST_FLOAT16, noNaN: true }), (value) => {
        const bits = narrowed(value);
        const error = Math.abs(widened(bits) - value);
        for (const neighbour of [bits - 1, bits + 1]) {
          if ((neighbour & 0x7fff) >= 0x7c00 || neighbour < 0) continue;
          expect(Math.abs(widened(neighbour) - value)).toBeGreaterThanOrEqual(error);
        }
      }),
    );
  });

  it('keeps infinities and what is not a number', () => {
    expect(narrowed(Infinity)).toBe(0x7c00);
    expect(narrowed(-1e6)).toBe(0xfc00);
    expect(widened(narrowed(Number.NaN))).toBeNaN();
  });
});
