import { constant, gatherRows, reshape, type Tensor } from '../../graph/index.js';
import type { EncoderInputs } from '../language-model.js';

/** Rows of a table at i32[B, T] side by side: f32[B * T, width]. */
export function flatRows(table: Tensor, ids: Tensor): Tensor {
  return flat(gatherRows(table, ids));
}

/** f32[B, T, width] as f32[B * T, width]. */
export function flat(states: Tensor): Tensor {
  return reshape(states, [-1, states.shape.at(-1) as number]);
}

/** Embeddings of token types: f32[B, T, width], or f32[1, width] of type 0 where the inputs have no types. */
export function tokenTypes(table: Tensor, { inputIds, tokenTypeIds }: EncoderInputs): Tensor {
  return gatherRows(table, tokenTypeIds ?? constant(inputIds.node.graph, Int32Array.of(0), [1]));
}
