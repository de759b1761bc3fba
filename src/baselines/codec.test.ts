import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../core/index.js';
import { countNgrams, decodeNgramCounts, encodeNgramCounts } from './index.js';
import { packedRows, vocabularyOf } from './testing/packed-rows.js';

const NAME = 'model/baselines.bin';

/** Counts of 200 rows over 300 ids, some of which take two bytes. */
function example() {
  const row = (index: number) =>
    Array.from({ length: 12 }, (_, column) => (index * index * 37 + column * column * 11) % 300);
  return countNgrams(
    packedRows(Array.from({ length: 200 }, (_, index) => row(index))),
    vocabularyOf(300, [0, 1, 4]),
  );
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [0x80 | (value % 0x80), ...varint(Math.floor(value / 0x80))];
}

/** A file with these numbers and the right checksum. */
function sealed(numbers: readonly number[]): Uint8Array {
  return sealedBytes(numbers.flatMap(varint));
}

function sealedBytes(bytes: readonly number[]): Uint8Array {
  const body = deflateSync(Uint8Array.from(bytes));
  const checksum = createHash('sha256').update(body).digest();
  return Buffer.concat([Buffer.from('LACNGR01'), checksum, body]);
}

const decode = (bytes: Uint8Array) => () => decodeNgramCounts(bytes, NAME);

describe('encodeNgramCounts', () => {
  it('gives counts that decode to themselves', () => {
    const rows = fc.array(fc.array(fc.nat(999), { minLength: 5, maxLength: 5 }), {
      minLength: 1,
      maxLength: 20,
    });
    fc.assert(
      fc.property(rows, fc.uniqueArray(fc.nat(999), { maxLength: 5 }), (data, specialIds) => {
        const counts = countNgrams(packedRows(data), vocabularyOf(1000, specialIds));
        expect(decodeNgramCounts(encodeNgramCounts(counts), NAME)).toEqual(counts);
      }),
    );
  });

  it('keeps the largest keys and counts', () => {
    const keys = Float64Array.of(0, 208_063 ** 3 - 1);
    const counts = Uint32Array.of(2 ** 32 - 1, 1);
    const all = { ...example(), vocabSize: 208_063, unigrams: new Float64Array(208_063).fill(2 ** 40) };
    const decoded = decodeNgramCounts(encodeNgramCounts({ ...all, trigrams: { keys, counts } }), NAME);
    expect(decoded.trigrams).toEqual({ keys, counts });
    expect(decoded.unigrams).toEqual(all.unigrams);
  });
});

describe('decodeNgramCounts', () => {
  it('finds damage anywhere, and a file cut short', () => {
    const bytes = encodeNgramCounts(example());
    expect(bytes.length).toBeGreaterThan(1000);
    for (let place = 0; place < bytes.length; place += 50) {
      const damaged = bytes.slice();
      damaged[place] = (damaged[place] as number) ^ 0x10;
      expect(decode(damaged)).toThrow(FormatError);
      expect(decode(bytes.subarray(0, place))).toThrow(FormatError);
    }
    expect(decode(bytes.subarray(0, -1))).toThrow(`${NAME}: the checksum does not match`);
  });

  it('names what it expected of other files', () => {
    expect(decode(new TextEncoder().encode('{"not": "n-grams, but JSON of more than forty bytes"}'))).toThrow(
      `${NAME}: expected n-gram counts of version 1 (magic LACNGR01)`,
    );
    expect(decode(new Uint8Array(0))).toThrow(FormatError);
  });

  // V = 2, one special id (0), unigram counts 0 and 5, the pair (1, 1) once, the triple (1, 1, 1) once.
  const valid = [2, 1, 0, 0, 5, 1, 3, 1, 1, 7, 1];

  it('reads numbers in the documented order', () => {
    expect(decodeNgramCounts(sealed(valid), NAME)).toEqual({
      vocabSize: 2,
      specialIds: [0],
      unigrams: Float64Array.of(0, 5),
      bigrams: { keys: Float64Array.of(3), counts: Uint32Array.of(1) },
      trigrams: { keys: Float64Array.of(7), counts: Uint32Array.of(1) },
    });
  });

  it.each([
    ['a vocabulary without end', [2 ** 52, ...valid.slice(1)]],
    ['a special id outside the vocabulary', [2, 1, 2, ...valid.slice(3)]],
    ['more pairs than there are bytes', [2, 1, 0, 0, 5, 2 ** 40, 3, 1]],
    ['a pair outside the vocabulary', [2, 1, 0, 0, 5, 1, 4, 1, 0]],
    ['a pair that is there twice', [2, 1, 0, 0, 5, 2, 3, 1, 0, 1, 0]],
    ['a pair without occurrence', [2, 1, 0, 0, 5, 1, 3, 0, 0]],
    ['a count beyond 32 bits', [2, 1, 0, 0, 5, 1, 3, 2 ** 32, 0]],
    ['a triple outside the vocabulary', [...valid.slice(0, -2), 8, 1]],
    ['numbers that end too early', valid.slice(0, -1)],
    ['numbers after the end', [...valid, 0]],
  ])('refuses %s, whose checksum is right', (_name, numbers) => {
    expect(decode(sealed(numbers))).toThrow(FormatError);
    expect(decode(sealed(numbers))).toThrow(`${NAME}: the n-gram counts cannot be read: `);
  });

  it('believes no length that the file is too short for', () => {
    for (const numbers of [[2 ** 27], [2, 2 ** 27], [2, 0, 0, 5, 2 ** 27], [2, 0, 0, 5, 0, 2 ** 27]]) {
      expect(decode(sealed(numbers))).toThrow(/expected a number below \d, got 134217728$/);
    }
  });

  it('refuses numbers too large to be exact, however they are written', () => {
    expect(decode(sealed([2, 1, 0, 2 ** 53, ...valid.slice(4)]))).toThrow('larger than 2^53');
    expect(decode(sealedBytes(Array(4096).fill(0x80)))).toThrow(FormatError);
  });
});
