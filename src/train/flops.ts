import type { ModernBertConfig } from '../model/index.js';
import type { StepShape } from './step.js';

/**
 * Floating-point operations that one training step needs: 2 for each multiply-add of the matrix products of the forward
 * pass (projections, attention scores and context, gated feed-forward, prediction head at M positions only), times 3 for
 * forward and backward. Elementwise work, normalisation, look-ups and the optimizer are left out.
 */
export function stepFlops(config: ModernBertConfig, shape: StepShape): number {
  const { hiddenSize: H, intermediateSize: F, numHiddenLayers: L, vocabSize: V } = config;
  const { batchSize: B, sequenceLength: T, predictions: M } = shape;
  const projections = B * T * 4 * H * H;
  const attention = 2 * B * T * T * H;
  const feedForward = B * T * 3 * H * F;
  const head = M * (H * H + H * V);
  return 6 * (shape.microBatches ?? 1) * (L * (projections + attention + feedForward) + head);
}
