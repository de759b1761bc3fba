import type { Matrix } from 'ml-matrix';
import { inverse } from 'ml-matrix';
import type { RandomStream } from '../../core/index.js';
import {
  eigenSymmetric,
  orthonormalise,
  randomRotation,
  ridge,
  timesSmall,
  weightedProduct,
} from './dense.js';
import { multiply, type SparseMatrix, scaled, transposed } from './sparse.js';

/** Ids and how often one follows the other: entry i says that `second[i]` came right after `first[i]` counts[i] times. */
export interface PairCounts {
  readonly first: Uint32Array;
  readonly second: Uint32Array;
  readonly counts: Float64Array;
}

/** Rounds of the block power iteration; more change the vectors by less than the corpus does. */
const POWER_ITERATIONS = 4;

/** Exponents of frequency: in the factorisation, and in the least-squares fit of the neighbour maps. */
const FACTOR_WEIGHT = 0.25;
const FIT_WEIGHT = 0.5;

/** Share of the mean eigenvalue that regularises a least-squares fit. */
const FIT_RIDGE = 1e-3;

/** What the neighbours of words say about them, in H dimensions. */
export interface NeighbourVectors {
  /** Vector of each id as it is predicted, f64[V, H]. */
  readonly output: Float64Array;
  /** The same vectors centred and scaled to unit variance, as layer norm shows them to the first block, f64[V, H]. */
  readonly input: Float64Array;
  /** output(word) . right . input(neighbour) approximates the PMI of a word and the token after it, [H, H]. */
  readonly right: Matrix;
  /** The same for the token before it. */
  readonly left: Matrix;
}

/**
 * Positive pointwise mutual information of neighbours (Church & Hanks 1990), shrunk by c / (c + 1) so that pairs seen
 * once do not dominate: entry (a, b) for b right after a. Ids in `silent` say nothing.
 */
export function positivePmi(pairs: PairCounts, size: number, silent: readonly number[]): SparseMatrix {
  const [asFirst, asSecond] = [new Float64Array(size), new Float64Array(size)];
  let total = 0;
  for (const [entry, count] of pairs.counts.entries()) {
    const [a, b] = [pairs.first[entry] as number, pairs.second[entry] as number];
    asFirst[a] = (asFirst[a] as number) + count;
    asSecond[b] = (asSecond[b] as number) + count;
    total += count;
  }
  const isSilent = new Set(silent);
  const values = pairs.counts.map((count, entry) => {
    const [a, b] = [pairs.first[entry] as number, pairs.second[entry] as number];
    if (isSilent.has(a) || isSilent.has(b)) return 0;
    const information = Math.log((count * total) / ((asFirst[a] as number) * (asSecond[b] as number)));
    return Math.max(0, information) * (count / (count + 1));
  });
  return { size, rows: pairs.first, columns: pairs.second, values };
}

/**
 * Vectors in which words with the same neighbours on both sides are close: the symmetric factor U S^(1/2) of the joint
 * truncated singular value decomposition of [PMI, PMI^T] (Levy & Goldberg 2014), frequent words weighing more; and the
 * two maps that predict a word from its neighbours' vectors, by weighted least squares.
 */
export function neighbourVectors(
  pmi: SparseMatrix,
  frequencies: Float64Array,
  width: number,
  random: RandomStream,
): NeighbourVectors {
  const factorWeights = frequencies.map((count) => (count + 1) ** FACTOR_WEIGHT);
  const weighted = scaled(pmi, factorWeights, factorWeights);
  const { basis, singularValues } = principalBasis(weighted, width, random);
  const output = new Float64Array(basis.length);
  for (let index = 0; index < basis.length; index++) {
    const root = Math.sqrt(singularValues[index % width] as number);
    output[index] = ((basis[index] as number) * root) / (factorWeights[Math.floor(index / width)] as number);
  }
  // A rotation spreads every direction over all channels, of which layer norm removes the mean.
  const rotated = timesSmall(output, randomRotation(width, random), width);
  const input = standardisedRows(rotated, width);
  const fitWeights = frequencies.map((count) => (count + 1) ** FIT_WEIGHT);
  const mapOf = (relation: SparseMatrix) => fitMap(relation, rotated, input, fitWeights, width);
  return { output: rotated, input, right: mapOf(pmi), left: mapOf(transposed(pmi)) };
}

/** The dominant left singular vectors of [A, A^T], f64[V, H], with their singular values: block power iteration. */
function principalBasis(
  matrix: SparseMatrix,
  width: number,
  random: RandomStream,
): { readonly basis: Float64Array; readonly singularValues: number[] } {
  const flipped = transposed(matrix);
  let basis: Float64Array = Float64Array.from({ length: matrix.size * width }, () => random.nextNormal());
  for (let iteration = 0; iteration < POWER_ITERATIONS; iteration++) {
    basis = orthonormalise(basis, width, 1);
    const rightImage = multiply(matrix, multiply(flipped, basis, width), width);
    const leftImage = multiply(flipped, multiply(matrix, basis, width), width);
    basis = rightImage.map((value, index) => value + (leftImage[index] as number));
  }
  basis = orthonormalise(basis, width);
  const images = [multiply(flipped, basis, width), multiply(matrix, basis, width)] as const;
  const energy = weightedProduct(images[0], images[0], width).add(
    weightedProduct(images[1], images[1], width),
  );
  const { values, vectors } = eigenSymmetric(energy);
  return {
    basis: timesSmall(basis, vectors, width),
    singularValues: values.map((value) => Math.sqrt(Math.max(value, 0))),
  };
}

/**
 * The map M [H, H] with the least sum over pairs of weight(word) weight(neighbour) (output(word) . M input(neighbour) -
 * relation(word, neighbour))^2, pairs never seen counting as 0: (E'WE)^-1 (E'W R W X) (X'WX)^-1.
 */
function fitMap(
  relation: SparseMatrix,
  output: Float64Array,
  input: Float64Array,
  weights: Float64Array,
  width: number,
): Matrix {
  const outputGram = inverse(ridge(weightedProduct(output, output, width, weights), FIT_RIDGE));
  const inputGram = inverse(ridge(weightedProduct(input, input, width, weights), FIT_RIDGE));
  const ones = new Float64Array(weights.length).fill(1);
  const image = multiply(scaled(relation, ones, weights), input, width);
  return outputGram.mmul(weightedProduct(output, image, width, weights)).mmul(inputGram);
}

/** Rows centred and divided by their standard deviation; rows of zeros stay. */
export function standardisedRows(rows: Float64Array, width: number): Float64Array {
  const result = new Float64Array(rows.length);
  for (let start = 0; start < rows.length; start += width) {
    const row = rows.subarray(start, start + width);
    const mean = row.reduce((sum, value) => sum + value, 0) / width;
    const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / width;
    const factor = variance > 0 ? 1 / Math.sqrt(variance) : 0;
    for (let column = 0; column < width; column++)
      result[start + column] = ((row[column] as number) - mean) * factor;
  }
  return result;
}
