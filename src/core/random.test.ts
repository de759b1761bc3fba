import { describe, expect, it } from 'vitest';
import { philox, RandomPurpose, RandomStream, shuffleInPlace } from './random.js';

const hex = (words: readonly number[]) => words.map((word) => word.toString(16).padStart(8, '0'));

describe('philox', () => {
  // Known answers of Random123 1.14 (kat_vectors, philox4x32 10).
  it('gives the published answers', () => {
    expect(hex(philox([0, 0, 0, 0], [0, 0]))).toEqual(['6627e8d5', 'e169c58d', 'bc57ac4c', '9b00dbd8']);
    const ones = 0xffffffff;
    expect(hex(philox([ones, ones, ones, ones], [ones, ones]))).toEqual([
      '408f276d',
      '41c83b0e',
      'a20bc7c6',
      '6d5451fd',
    ]);
    expect(hex(philox([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0]))).toEqual([
      'd16cfe09',
      '94fdcceb',
      '5001e420',
      '24126ea1',
    ]);
  });
});

describe('RandomStream', () => {
  it('is a function of its address alone', () => {
    const first = new RandomStream(7, RandomPurpose.masking, 3, 9);
    const draws = Array.from({ length: 9 }, () => first.nextUint32());
    const again = new RandomStream(7, RandomPurpose.masking, 3, 9);
    expect(Array.from({ length: 9 }, () => again.nextUint32())).toEqual(draws);
    for (const other of [
      new RandomStream(8, RandomPurpose.masking, 3, 9),
      new RandomStream(7, RandomPurpose.shuffling, 3, 9),
      new RandomStream(7, RandomPurpose.masking, 4, 9),
      new RandomStream(7, RandomPurpose.masking, 3, 10),
      new RandomStream(7 + 2 ** 32, RandomPurpose.masking, 3, 9),
    ]) {
      expect(other.nextUint32()).not.toBe(draws[0]);
    }
  });

  it('draws integers, floats and normals with the right moments', () => {
    const random = new RandomStream(1, RandomPurpose.sampling);
    const count = 40_000;
    const histogram = new Array<number>(10).fill(0);
    let sum = 0;
    let sumOfSquares = 0;
    for (let draw = 0; draw < count; draw++) {
      const bucket = random.nextInt(10);
      histogram[bucket] = (histogram[bucket] as number) + 1;
      const normal = random.nextNormal();
      sum += normal;
      sumOfSquares += normal * normal;
    }
    const expected = count / 10;
    const chiSquared = histogram.reduce((total, seen) => total + (seen - expected) ** 2 / expected, 0);
    expect(chiSquared).toBeLessThan(27.9); // 9 degrees of freedom, p = 0.001
    expect(Math.abs(sum / count)).toBeLessThan(0.02);
    expect(Math.abs(sumOfSquares / count - 1)).toBeLessThan(0.03);
  });

  it('shuffles to a permutation', () => {
    const items = Uint32Array.from({ length: 100 }, (_, index) => index);
    shuffleInPlace(items, new RandomStream(0, RandomPurpose.shuffling));
    expect([...items].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, index) => index));
    expect(items[0] === 0 && items[1] === 1 && items[2] === 2).toBe(false);
  });
});
