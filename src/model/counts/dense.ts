import { CholeskyDecomposition, EigenvalueDecomposition, inverse, Matrix } from 'ml-matrix';
import type { RandomStream } from '../../core/index.js';

/** A^T diag(weights) B for row-major a, b f64[V, width]: f64[width, width]. */
export function weightedProduct(
  a: Float64Array,
  b: Float64Array,
  width: number,
  weights?: Float64Array,
): Matrix {
  const product = new Float64Array(width * width);
  const rows = a.length / width;
  for (let row = 0; row < rows; row++) {
    const weight = weights ? (weights[row] as number) : 1;
    const start = row * width;
    for (let i = 0; i < width; i++) {
      const factor = weight * (a[start + i] as number);
      if (factor === 0) continue;
      const target = i * width;
      for (let j = 0; j < width; j++) {
        product[target + j] = (product[target + j] as number) + factor * (b[start + j] as number);
      }
    }
  }
  return Matrix.from1DArray(width, width, product);
}

/** The product of row-major f64[V, width] with a small matrix f64[width, width]. */
export function timesSmall(dense: Float64Array, small: Matrix, width: number): Float64Array {
  const factors = Float64Array.from(small.to1DArray());
  const product = new Float64Array(dense.length);
  for (let start = 0; start < dense.length; start += width) {
    for (let i = 0; i < width; i++) {
      const value = dense[start + i] as number;
      const source = i * width;
      for (let j = 0; j < width; j++) {
        product[start + j] = (product[start + j] as number) + value * (factors[source + j] as number);
      }
    }
  }
  return product;
}

/**
 * Columns made orthonormal, by Cholesky QR: Q = A L^-T where A^T A = L L^T. A second pass regains the digits that the
 * first loses when columns are nearly parallel.
 */
export function orthonormalise(dense: Float64Array, width: number, passes = 2): Float64Array {
  let result = dense;
  for (let pass = 0; pass < passes; pass++) {
    const gram = ridge(weightedProduct(result, result, width), 1e-12);
    const lower = new CholeskyDecomposition(gram).lowerTriangularMatrix;
    result = timesSmall(result, inverse(lower).transpose(), width);
  }
  return result;
}

/** The matrix plus `share` of its mean diagonal element on the diagonal. */
export function ridge(matrix: Matrix, share: number): Matrix {
  const level = (share * matrix.trace()) / matrix.rows + Number.MIN_VALUE;
  return Matrix.add(matrix, Matrix.eye(matrix.rows).mul(level));
}

/** Singular value decomposition of a small square matrix through the eigenvectors of M^T M, largest first. */
export function smallSvd(matrix: Matrix): { readonly u: Matrix; readonly s: number[]; readonly v: Matrix } {
  const { values, vectors } = eigenSymmetric(matrix.transpose().mmul(matrix));
  const s = values.map((value) => Math.sqrt(Math.max(value, 0)));
  const u = matrix.mmul(vectors);
  for (const [column, value] of s.entries()) u.mulColumn(column, value > 0 ? 1 / value : 0);
  return { u, s, v: vectors };
}

/** Eigenvalues and eigenvectors (columns) of a symmetric matrix, largest first. */
export function eigenSymmetric(matrix: Matrix): { readonly values: number[]; readonly vectors: Matrix } {
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(matrix, {
    assumeSymmetric: true,
  });
  const order = realEigenvalues
    .map((_, index) => index)
    .sort((a, b) => (realEigenvalues[b] ?? 0) - (realEigenvalues[a] ?? 0));
  const rows = order.map((_, index) => index);
  return {
    values: order.map((index) => realEigenvalues[index] as number),
    vectors: eigenvectorMatrix.subMatrixColumn(order).subMatrixRow(rows),
  };
}

/** A random orthogonal matrix. */
export function randomRotation(width: number, random: RandomStream): Matrix {
  const normals = Float64Array.from({ length: width * width }, () => random.nextNormal());
  return Matrix.from1DArray(width, width, orthonormalise(normals, width));
}
