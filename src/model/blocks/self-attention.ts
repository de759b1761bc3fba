import { attention, rotary, type Tensor } from '../../graph/index.js';
import { dense, type Weights } from '../weights.js';
import { fromHeads, toHeads } from './heads.js';

/** What one layer of self-attention needs beside its weights. */
export interface SelfAttention {
  /** B and T */
  readonly sizes: readonly [number, number];
  /** A */
  readonly heads: number;
  /** Additive bias of the scores; see `attentionBias`. */
  readonly bias?: Tensor | undefined;
  /** cos and sin f32[T, D/2] of rotary positions. */
  readonly angles?: readonly [Tensor, Tensor];
}

/** The weights of the three projections. */
export interface Projections {
  readonly query: Weights;
  readonly key: Weights;
  readonly value: Weights;
}

/**
 * Multi-head self-attention (Vaswani et al. 2017, section 3.2.2) without its output projection: x f32[B * T, H] to the
 * heads' contexts side by side, f32[B * T, H].
 */
export function selfAttention(
  x: Tensor,
  projections: Projections,
  { sizes, heads, bias, angles }: SelfAttention,
): Tensor {
  const [q, k, v] = [projections.query, projections.key, projections.value].map((weights) =>
    toHeads(dense(x, weights), sizes, heads),
  ) as [Tensor, Tensor, Tensor]; // [B, A, T, D]
  const turned = (rows: Tensor) => (angles ? rotary(rows, angles[0], angles[1]) : rows);
  const D = q.shape[3] as number;
  return fromHeads(attention(turned(q), turned(k), v, D ** -0.5, bias).context);
}
