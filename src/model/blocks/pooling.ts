import { cast, constant, div, mul, reduceSum, reshape, type Tensor } from '../../graph/index.js';
import type { EncoderInputs } from '../language-model.js';

/** The first token of each sequence: f32[B, H] of hiddenStates f32[B * T, H], or of theirs alone, f32[B, H]. */
export function firstTokens(hiddenStates: Tensor, { inputIds }: EncoderInputs): Tensor {
  const [B, T] = inputIds.shape as readonly [number, number];
  if (hiddenStates.shape[0] === B) return hiddenStates;
  // As a sum, because row numbers would depend on T, which an exported model learns when it runs.
  const isFirst = Float32Array.from({ length: T }, (_, position) => Number(position === 0));
  const chosen = constant(inputIds.node.graph, isFirst, [1, T, 1]);
  return reduceSum(mul(reshape(hiddenStates, [B, T, -1]), chosen), [1]);
}

/** The mean over the tokens of each sequence, padding left out: f32[B, H] of hiddenStates f32[B * T, H]. */
export function meanOfTokens(hiddenStates: Tensor, { inputIds, attentionMask }: EncoderInputs): Tensor {
  const [B, T] = inputIds.shape as readonly [number, number];
  const states = reshape(hiddenStates, [B, T, -1]);
  const weights = attentionMask
    ? reshape(cast(attentionMask, 'float32'), [B, T, 1])
    : constant(inputIds.node.graph, new Float32Array(T).fill(1), [1, T, 1]);
  return div(reduceSum(mul(states, weights), [1]), reduceSum(weights, [1]));
}

/** One row of each sequence, f32[B, H]: its first token, or the mean of all. */
export function pooled(hiddenStates: Tensor, inputs: EncoderInputs, by: 'cls' | 'mean'): Tensor {
  return by === 'cls' ? firstTokens(hiddenStates, inputs) : meanOfTokens(hiddenStates, inputs);
}
