import { reshape, type Tensor, transpose } from '../../graph/index.js';

/** f32[B * T, H] cut into A heads: f32[B, A, T, D]. */
export function toHeads(x: Tensor, [B, T]: readonly [number, number], A: number): Tensor {
  return transpose(reshape(x, [B, T, A, -1]), [0, 2, 1, 3]);
}

/** Heads f32[B, A, T, D] side by side again: f32[B * T, H]. */
export function fromHeads(x: Tensor): Tensor {
  const [B, A, T, D] = x.shape as readonly [number, number, number, number];
  return reshape(transpose(x, [0, 2, 1, 3]), [B * T, A * D]);
}
