import { describe, expect, it } from 'vitest';
import { extendParameters, modernBert, type ParameterValues } from './index.js';
import { tinySizes } from './testing/index.js';

const sizes = { ...tinySizes, vocabSize: 8, clsTokenId: 1, sepTokenId: 2, maskTokenId: 3 };
const model = modernBert.create(sizes);
const values: ParameterValues = new Map(
  model.parameters.map(({ name, shape }, parameter) => {
    const size = shape.reduce((product, length) => product * length, 1);
    return [name, { shape, data: Float32Array.from({ length: size }, (_, i) => Math.sin(i + parameter)) }];
  }),
);
const counts = [0, 0, 0, 0, 10, 40, 20, 20];
const added = [
  { id: 8, pieces: [5, 6], occurrences: 10 },
  { id: 9, pieces: [5, 7, 7], occurrences: 20 },
];
const extended = extendParameters(model.withVocabSize(10), values, added, counts);
const rows = (name: string) => extended.get(name)?.data ?? new Float32Array();

describe('extendParameters', () => {
  it('gives a new token the mean of its pieces, and leaves old embeddings alone', () => {
    const [old, table] = [values.get(model.embeddings)?.data ?? new Float32Array(), rows(model.embeddings)];
    expect(table.length).toBe(80);
    expect(table.slice(0, 64)).toEqual(old);
    for (let column = 0; column < 8; column++) {
      const at = (id: number) => old[id * 8 + column] ?? Number.NaN;
      expect(table[64 + column]).toBeCloseTo((at(5) + at(6)) / 2);
      expect(table[72 + column]).toBeCloseTo((at(5) + 2 * at(7)) / 3);
    }
  });

  it("divides the first piece's mass by how often it began the word", () => {
    const name = model.decoderBias ?? '';
    const [before, after] = [values.get(name)?.data ?? new Float32Array(), rows(name)];
    const mass = (bias: number | undefined) => Math.exp(bias ?? Number.NaN);
    expect(mass(after[8]) / mass(before[5])).toBeCloseTo(10 / 40);
    expect(mass(after[9]) / mass(before[5])).toBeCloseTo(20 / 40);
    expect(mass(after[5]) + mass(after[8]) + mass(after[9])).toBeCloseTo(mass(before[5]));
    expect(after[4]).toBe(before[4]);
  });

  it('hands on what has no row for each token', () => {
    const name = 'model.layers.0.attn.Wo.weight';
    expect(extended.get(name)).toBe(values.get(name));
  });

  it('refuses what does not fit', () => {
    const other = modernBert.create({ ...sizes, hiddenSize: 16, vocabSize: 10 });
    expect(() => extendParameters(other, values, added, counts)).toThrow(/expected \[10,16\] or fewer rows/);
  });
});
