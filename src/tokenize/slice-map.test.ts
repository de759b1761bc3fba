import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SliceMap } from './slice-map.js';

describe('SliceMap', () => {
  it('finds slices of any text', () => {
    const map = new SliceMap<number>();
    map.add('a word', 2, 6, 1);
    map.add('', 0, 0, 2);
    expect(map.get('words', 0, 4)).toBe(1);
    expect(map.get('words', 0, 5)).toBeUndefined();
    expect(map.get('words', 3, 3)).toBe(2);
    expect([...map.entries()]).toEqual([
      ['word', 1],
      ['', 2],
    ]);
  });

  it('agrees with a Map, however many keys there are', () => {
    const keys = fc.array(fc.string({ unit: 'binary', maxLength: 3 }), { maxLength: 4000 });
    fc.assert(
      fc.property(keys, (words) => {
        const [expected, map] = [new Map<string, number>(), new SliceMap<{ count: number }>()];
        for (const word of words) {
          expected.set(word, (expected.get(word) ?? 0) + 1);
          const seen = map.get(`<${word}>`, 1, 1 + word.length);
          if (seen === undefined) map.add(word, 0, word.length, { count: 1 });
          else seen.count++;
        }
        expect(Array.from(map.entries(), ([word, { count }]) => [word, count])).toEqual([...expected]);
        expect(map.size).toBe(expected.size);
      }),
      { numRuns: 50 },
    );
  });

  it('is empty once it is cleared', () => {
    const map = new SliceMap<number>();
    for (let index = 0; index < 3000; index++) map.add(`${index}`, 0, `${index}`.length, index);
    map.clear();
    expect(map.get('7', 0, 1)).toBeUndefined();
    map.add('7', 0, 1, 8);
    expect([...map.entries()]).toEqual([['7', 8]]);
  });
});
