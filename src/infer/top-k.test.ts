import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { topK } from './top-k.js';

describe('topK', () => {
  it('equals sorting by probability, equal ones by id', () => {
    const values = fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 12 }), (numbers, k) => {
        const sorted = numbers
          .map((probability, id) => ({ id, probability }))
          .sort((a, b) => b.probability - a.probability || a.id - b.id);
        expect(topK(Float32Array.from(numbers), k)).toEqual(sorted.slice(0, k));
      }),
    );
  });
});
