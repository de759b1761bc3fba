import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../core/index.js';
import { countNgrams } from './index.js';
import type { Runs } from './runs.js';
import { packedRows, vocabularyOf } from './testing/packed-rows.js';

const V = 7;
const specialIds = [0, 1, 2];

const rowsOfOneLength = fc.integer({ min: 3, max: 9 }).chain((length) =>
  fc.array(fc.array(fc.nat(V - 1), { minLength: length, maxLength: length }), {
    minLength: 1,
    maxLength: 12,
  }),
);

/** What a histogram says, with its keys written out as ids. */
function byNgram({ keys, counts }: Runs, n: number): Map<string, number> {
  const digits = (key: number) =>
    Array.from({ length: n }, (_, place) => Math.floor(key / V ** (n - 1 - place)) % V).join(' ');
  return new Map(Array.from(keys, (key, index) => [digits(key), counts[index] as number]));
}

/** Every n-gram of every row, counted by its text. */
function bruteForce(rows: readonly (readonly number[])[], n: number): Map<string, number> {
  const seen = new Map<string, number>();
  for (const row of rows) {
    for (let start = 0; start + n <= row.length; start++) {
      const ngram = row.slice(start, start + n).join(' ');
      seen.set(ngram, (seen.get(ngram) ?? 0) + 1);
    }
  }
  return seen;
}

describe('countNgrams', () => {
  it('counts what is in the rows, and nothing across their ends', () => {
    fc.assert(
      fc.property(rowsOfOneLength, (rows) => {
        const { unigrams, bigrams, trigrams } = countNgrams(packedRows(rows), vocabularyOf(V, specialIds));
        expect(byNgram(bigrams, 2)).toEqual(bruteForce(rows, 2));
        expect(byNgram(trigrams, 3)).toEqual(bruteForce(rows, 3));
        const ids = rows.flat();
        expect([...unigrams]).toEqual(
          Array.from({ length: V }, (_, id) =>
            specialIds.includes(id) ? 0 : ids.filter((other) => other === id).length,
          ),
        );
      }),
    );
  });

  it('counts a corpus of many blocks as one of a single block', () => {
    const rows = Array.from({ length: 600_000 }, (_, row) => [1, 3 + (row % 4), 3 + ((row * row) % 4)]);
    const { bigrams, trigrams } = countNgrams(packedRows(rows), vocabularyOf(V, specialIds));
    expect(byNgram(bigrams, 2)).toEqual(bruteForce(rows, 2));
    expect(byNgram(trigrams, 3)).toEqual(bruteForce(rows, 3));
  });

  it('counts a sample of whole rows, without one twice, where there is too much', () => {
    const rows = Array.from({ length: 100 }, (_, row) => [2, row + 10, row + 10, row + 10]);
    const { unigrams, trigrams } = countNgrams(packedRows(rows), vocabularyOf(200, []), 4 * 30 + 3);
    const counted = [...unigrams].flatMap((count, id) => (id >= 10 && count > 0 ? [count] : []));
    expect(counted).toEqual(Array.from({ length: 30 }, () => 3));
    expect([...trigrams.counts]).toEqual(Array.from({ length: 60 }, () => 1));
    expect(unigrams.subarray(10, 40).every((count) => count === 3)).toBe(false);
  });

  it('gives keys in ascending order', () => {
    fc.assert(
      fc.property(rowsOfOneLength, (rows) => {
        const { bigrams, trigrams } = countNgrams(packedRows(rows), vocabularyOf(V, specialIds));
        for (const { keys } of [bigrams, trigrams]) {
          for (let index = 1; index < keys.length; index++) {
            expect(keys[index]).toBeGreaterThan(keys[index - 1] as number);
          }
        }
      }),
    );
  });

  it('keeps the keys of triples exact, and refuses a vocabulary for which it cannot', () => {
    const largest = 208_063;
    const last = largest - 1;
    const data = packedRows([[last, last, last - 1, last, last, last]]);
    const { trigrams } = countNgrams(data, vocabularyOf(largest, []));
    expect([...trigrams.counts]).toEqual([1, 1, 1, 1]);
    expect([...trigrams.keys].every(Number.isSafeInteger)).toBe(true);
    expect(() => countNgrams(data, vocabularyOf(largest + 1, []))).toThrow(ConfigError);
  });
});
