import { RandomPurpose, RandomStream } from '../../core/index.js';
import {
  addScalar,
  cast,
  constant,
  type Graph,
  positive,
  scale,
  sub,
  type Tensor,
} from '../../graph/index.js';

/**
 * Ids to numbers below `rows`, of which those of several tokens are added to find a row of a table (tabulation hashing, Zobrist 1970,
 * with the sum modulo the rows for the exclusive or). The same for every model; `first` and `second` name the stream.
 */
export function hashNumbers(vocabSize: number, rows: number, first: number, second: number): Int32Array {
  const random = new RandomStream(0, RandomPurpose.hashing, first, second);
  return Int32Array.from({ length: vocabSize }, () => random.nextInt(rows));
}

/** Numbers as a table f32[n, 1]; integers, so that exports in half precision do not round them. */
export function numberTable(graph: Graph, numbers: Int32Array): Tensor {
  return cast(constant(graph, numbers, [numbers.length, 1]), 'float32');
}

/** Whole numbers below 2 n to below n. */
export const modulo = (numbers: Tensor, n: number): Tensor =>
  sub(numbers, scale(positive(addScalar(numbers, 0.5 - n)), n));
