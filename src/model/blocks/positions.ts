import {
  addScalar,
  cast,
  constant,
  equal,
  gatherRows,
  matMul,
  mul,
  scale,
  type Tensor,
} from '../../graph/index.js';

/** Learned embeddings of the positions 0 .. T - 1: f32[T, width] of a table f32[positions, width]. */
export function learnedPositions(table: Tensor, inputIds: Tensor): Tensor {
  const [, T] = inputIds.shape as readonly [number, number];
  const positions = Int32Array.from({ length: T }, (_, position) => position);
  return gatherRows(table, constant(inputIds.node.graph, positions, [T]));
}

/** 1 where ids are `id` and 0 elsewhere: f32[B, T] of i32[B, T]. */
export function isId(ids: Tensor, id: number): Tensor {
  const size = ids.shape.reduce((product, length) => product * length, 1);
  const same = constant(ids.node.graph, new Int32Array(size).fill(id), ids.shape);
  return cast(equal(ids, same), 'float32');
}

/**
 * Learned embeddings of positions as fairseq counts them (RoBERTa): tokens from `padId + 1` on, padding at `padId`.
 * f32[B, T, width].
 */
export function positionsAfterPadding(table: Tensor, inputIds: Tensor, padId: number): Tensor {
  const [, T] = inputIds.shape as readonly [number, number];
  const isToken = addScalar(scale(isId(inputIds, padId), -1), 1); // f32[B, T]
  const upTo = Float32Array.from({ length: T * T }, (_, index) =>
    Math.floor(index / T) <= index % T ? 1 : 0,
  );
  const counts = matMul(isToken, constant(inputIds.node.graph, upTo, [T, T])); // tokens up to and with each
  return gatherRows(table, cast(addScalar(mul(counts, isToken), padId), 'int32'));
}
