import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { suffixArray } from './suffix-array.js';

function sortedSuffixes(text: readonly number[]): number[] {
  const compare = (a: number, b: number): number => {
    for (let at = 0; ; at++) {
      const [left, right] = [text[a + at] ?? -1, text[b + at] ?? -1];
      if (left !== right || left < 0) return left - right;
    }
  };
  return Array.from(text.keys()).sort(compare);
}

describe('suffixArray', () => {
  it('sorts the suffixes of mississippi', () => {
    const text = Array.from('mississippi', (letter) => letter.charCodeAt(0));
    expect([...suffixArray(Int32Array.from(text), 128)]).toEqual([10, 7, 4, 1, 0, 9, 8, 6, 3, 5, 2]);
  });

  it('sorts the suffixes of any text, repetitive ones too', () => {
    const symbols = fc
      .integer({ min: 1, max: 4 })
      .chain((size) => fc.array(fc.nat(size - 1), { maxLength: 200 }));
    const repeated = fc.tuple(symbols, fc.integer({ min: 1, max: 5 })).map(([text, times]) => {
      return Array.from({ length: times }, () => text).flat();
    });
    fc.assert(
      fc.property(repeated, (text) => {
        expect([...suffixArray(Int32Array.from(text), 4)]).toEqual(sortedSuffixes(text));
      }),
      { numRuns: 1000 },
    );
  });
});
