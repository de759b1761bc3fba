import {
  constant,
  gatherColumns,
  mul,
  positive,
  reduceSum,
  reshape,
  rowMax,
  sub,
  type Tensor,
} from '../graph/index.js';

/**
 * Share of the weights f32[M] of rows in which no logit f32[M, V] is above that of the label i32[M], f32[]: by the largest
 * value, whose place nobody needs.
 */
export function accuracyOf(logits: Tensor, labels: Tensor, weights: Tensor): Tensor {
  const [M = 0] = labels.shape;
  const ofLabels = reshape(gatherColumns(logits, reshape(labels, [M, 1])), [M]);
  const isBelow = positive(sub(rowMax(logits), ofLabels));
  const isHit = sub(constant(logits.node.graph, Float32Array.of(1), []), isBelow);
  return reduceSum(mul(isHit, weights), [0]);
}
