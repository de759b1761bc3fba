import { Matrix, SingularValueDecomposition } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { RandomPurpose, RandomStream } from '../../core/index.js';
import { calibrateScale } from './calibrate.js';
import { orthonormalise, ridge, smallSvd, timesSmall, weightedProduct } from './dense.js';
import { multiply, type SparseMatrix, scaled, transposed } from './sparse.js';
import { neighbourVectors, positivePmi, standardisedRows } from './word-vectors.js';

const random = () => new RandomStream(3, RandomPurpose.sampling);

function normals(count: number, stream = random()): Float64Array {
  return Float64Array.from({ length: count }, () => stream.nextNormal());
}

function toMatrix({ size, rows, columns, values }: SparseMatrix): Matrix {
  const matrix = Matrix.zeros(size, size);
  for (const [entry, value] of values.entries())
    matrix.set(rows[entry] as number, columns[entry] as number, value);
  return matrix;
}

const close = (got: Matrix, expected: Matrix, tolerance = 1e-9) =>
  expect(Matrix.sub(got, expected).norm()).toBeLessThan(tolerance * (1 + expected.norm()));

const sparse: SparseMatrix = {
  size: 4,
  rows: Uint32Array.of(0, 0, 2, 3),
  columns: Uint32Array.of(1, 3, 2, 0),
  values: Float64Array.of(2, -1, 0.5, 3),
};

describe('sparse and dense products', () => {
  it('equal those of full matrices', () => {
    const dense = Matrix.from1DArray(4, 3, normals(12));
    const flat = Float64Array.from(dense.to1DArray());
    close(Matrix.from1DArray(4, 3, multiply(sparse, flat, 3)), toMatrix(sparse).mmul(dense));
    close(
      Matrix.from1DArray(4, 3, multiply(transposed(sparse), flat, 3)),
      toMatrix(sparse).transpose().mmul(dense),
    );
    const [rows, columns] = [Float64Array.of(1, 2, 3, 4), Float64Array.of(5, 6, 7, 8)];
    const expected = Matrix.diag([...rows])
      .mmul(toMatrix(sparse))
      .mmul(Matrix.diag([...columns]));
    close(toMatrix(scaled(sparse, rows, columns)), expected);
    const gram = dense
      .transpose()
      .mmul(Matrix.diag([...rows]))
      .mmul(dense);
    close(weightedProduct(flat, flat, 3, rows), gram);
    close(Matrix.from1DArray(4, 3, timesSmall(flat, gram, 3)), dense.mmul(gram));
  });
});

describe('decompositions', () => {
  it('orthonormalise gives an orthonormal basis of the same columns, even of nearly parallel ones', () => {
    const values = normals(40);
    for (let row = 0; row < 10; row++) values[row * 4 + 1] = (values[row * 4] as number) * (1 + 1e-5 * row);
    const basis = orthonormalise(values, 4);
    close(weightedProduct(basis, basis, 4), Matrix.eye(4), 1e-6);
    const [before, q] = [Matrix.from1DArray(10, 4, values), Matrix.from1DArray(10, 4, basis)];
    close(q.mmul(q.transpose()).mmul(before), before, 1e-6);
  });

  it('smallSvd reconstructs its matrix, largest first', () => {
    const matrix = Matrix.from1DArray(5, 5, normals(25));
    const { u, s, v } = smallSvd(matrix);
    close(u.mmul(Matrix.diag(s)).mmul(v.transpose()), matrix, 1e-8);
    expect(s).toEqual([...s].sort((a, b) => b - a));
    expect(ridge(Matrix.eye(2), 0.5).get(0, 0)).toBeCloseTo(1.5);
  });
});

describe('positivePmi', () => {
  it('equals the formula by hand, silent ids excepted', () => {
    const pairs = {
      first: Uint32Array.of(0, 0, 1, 3),
      second: Uint32Array.of(1, 2, 2, 1),
      counts: Float64Array.of(3, 1, 2, 4),
    };
    const { values } = positivePmi(pairs, 4, [3]);
    expect(values[0]).toBeCloseTo(Math.log((3 * 10) / (4 * 7)) * (3 / 4));
    expect(values[1]).toBe(0); // log(10 / (4 * 3)) is negative
    expect(values[2]).toBeCloseTo(Math.log((2 * 10) / (2 * 3)) * (2 / 3));
    expect(values[3]).toBe(0);
  });
});

/** A language of 24 words in three classes that follow one another in a circle: 0 -> 1 -> 2 -> 0. */
function circularPairs() {
  const words = Array.from({ length: 24 }, (_, id) => id);
  const entries = words.flatMap((a) =>
    words.filter((b) => b % 3 === (a + 1) % 3).map((b) => [a, b] as const),
  );
  return {
    first: Uint32Array.from(entries, ([a]) => a),
    second: Uint32Array.from(entries, ([, b]) => b),
    counts: new Float64Array(entries.length).fill(10),
  };
}

describe('neighbourVectors', () => {
  const pmi = positivePmi(circularPairs(), 24, []);
  const vectors = neighbourVectors(pmi, new Float64Array(24).fill(80), 6, random());

  it('puts words of one class together', () => {
    const cosine = (a: number, b: number) => {
      const row = (id: number) => vectors.input.subarray(id * 6, id * 6 + 6);
      return row(a).reduce((sum, value, channel) => sum + value * (row(b)[channel] as number), 0) / 6;
    };
    expect(cosine(0, 3)).toBeGreaterThan(0.99);
    expect(cosine(0, 4)).toBeLessThan(0.5);
  });

  it('predicts the PMI of a word and its neighbour on either side', () => {
    const output = Matrix.from1DArray(24, 6, vectors.output);
    const input = Matrix.from1DArray(24, 6, vectors.input);
    const target = toMatrix(pmi);
    close(output.mmul(vectors.right).mmul(input.transpose()), target, 0.05);
    close(output.mmul(vectors.left).mmul(input.transpose()), target.transpose(), 0.05);
  });

  it('finds the factors of a full singular value decomposition', () => {
    const weight = 81 ** 0.25;
    const joint = Matrix.zeros(24, 48);
    joint.setSubMatrix(Matrix.mul(toMatrix(pmi), weight * weight), 0, 0);
    joint.setSubMatrix(Matrix.mul(toMatrix(pmi).transpose(), weight * weight), 0, 24);
    const { diagonal, leftSingularVectors } = new SingularValueDecomposition(joint, { autoTranspose: true });
    const u = leftSingularVectors.subMatrix(0, 23, 0, 2);
    const expected = u.mmul(Matrix.diag(diagonal.slice(0, 3))).mmul(u.transpose());
    const output = Matrix.from1DArray(24, 6, vectors.output);
    // The rotation cancels in the Gram matrix; the language has three dimensions.
    close(Matrix.mul(output.mmul(output.transpose()), weight * weight), expected, 1e-6);
  });

  it('standardises rows', () => {
    const rows = standardisedRows(Float64Array.of(1, 2, 3, 5, 5, 5), 3);
    expect([...rows]).toEqual(
      [-Math.sqrt(1.5), 0, Math.sqrt(1.5), 0, 0, 0].map((x) => expect.closeTo(x, 10)),
    );
  });

  it('finds the scale under which the sample is most probable', () => {
    const even = new Float64Array(24);
    const triples = Array.from({ length: 24 }, (_, word) => ({
      left: (word + 2) % 24,
      word,
      right: (word + 1) % 24,
    }));
    expect(calibrateScale(vectors, even, triples)).toBeGreaterThan(1);
    const contrary = triples.map(({ left, right, word }) => ({ left, right, word: (word + 1) % 24 }));
    expect(calibrateScale(vectors, even, contrary)).toBe(0.01);
  });
});
