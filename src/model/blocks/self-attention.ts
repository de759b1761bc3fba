import { attention, rotary, type Tensor } from '../../graph/index.js';
import { dense, type Weights } from '../weights.js';
import { fromHeads, toHeads } from './heads.js';
import { Queries, rowsRead } from './rows-read.js';

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
  /** The rows that are read of this layer, i32[M] or i32[B, m]; all without it. */
  readonly rows?: Tensor | undefined;
}

/** The three projections f32[N, H] to f32[N, H]. */
export interface Projections {
  readonly query: (x: Tensor) => Tensor;
  readonly key: (x: Tensor) => Tensor;
  readonly value: (x: Tensor) => Tensor;
}

/** Projections by the weights of a dense layer each. */
export function denseProjections(weights: Weights, query: string, key: string, value: string): Projections {
  const by = (name: string) => (x: Tensor) => dense(x, weights.at(name));
  return { query: by(query), key: by(key), value: by(value) };
}

/**
 * Multi-head self-attention (Vaswani et al. 2017, section 3.2.2) without its output projection: x f32[B * T, H] to the
 * heads' contexts side by side, f32[B * T, H], or f32[M, H] of the rows that are read. Where every sequence has as many of
 * those, nothing is asked for any other.
 */
export function selfAttention(
  x: Tensor,
  project: Projections,
  { sizes, heads, bias, angles, rows }: SelfAttention,
): Tensor {
  const queries = rows?.shape.length === 2 ? new Queries(rows, sizes[1]) : undefined;
  const asking = queries ? rowsRead(x, queries.rows) : x;
  const q = toHeads(project.query(asking), queries?.size ?? sizes, heads); // [B, A, m or T, D]
  const k = toHeads(project.key(x), sizes, heads); // [B, A, T, D]
  const v = toHeads(project.value(x), sizes, heads);
  const turned = (part: Tensor, places?: Tensor) =>
    angles ? rotary(part, angles[0], angles[1], { places }) : part;
  const D = q.shape[3] as number;
  const seen = bias && queries ? queries.bias(bias) : bias;
  const context = fromHeads(attention(turned(q, queries?.places), turned(k), v, D ** -0.5, seen).context);
  return queries ? context : rowsRead(context, rows);
}
