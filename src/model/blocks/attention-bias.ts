import { add, addScalar, cast, constant, reshape, scale, type Tensor } from '../../graph/index.js';

/** What is added to the score of a pair that must not attend: e to it is 0 in float32, and no sum of two overflows. */
const FORBIDDEN = -1e9;

/** Which pairs of positions may attend to each other. */
export interface AttentionPattern {
  /** i32[B, T], 1 for a token and 0 for padding, which nothing attends to. */
  readonly attentionMask?: Tensor;
  /** A position sees itself and those before it only. */
  readonly isCausal?: boolean;
  /** Farthest distance at which positions see each other. */
  readonly window?: number;
}

/**
 * The additive bias of an attention pattern, which broadcasts with scores f32[B, A, T, T]; undefined where every
 * position sees every other. `inputIds` i32[B, T] gives the sizes.
 */
export function attentionBias(inputIds: Tensor, pattern: AttentionPattern): Tensor | undefined {
  const [B, T] = inputIds.shape as readonly [number, number];
  const { attentionMask, isCausal = false, window = T } = pattern;
  const padding =
    attentionMask && reshape(scale(addScalar(cast(attentionMask, 'float32'), -1), -FORBIDDEN), [B, 1, 1, T]);
  if (!isCausal && window >= T - 1) return padding;
  const pairs = Float32Array.from({ length: T * T }, (_, index) => {
    const [query, key] = [Math.floor(index / T), index % T];
    const isSeen = Math.abs(query - key) <= window && !(isCausal && key > query);
    return isSeen ? 0 : FORBIDDEN;
  });
  const places = constant(inputIds.node.graph, pairs, [1, 1, T, T]);
  return padding ? add(places, padding) : places;
}
