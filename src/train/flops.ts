import type { LanguageModel, ParameterSpec } from '../model/index.js';
import type { StepShape } from './step.js';

/**
 * Floating-point operations that one training step needs: 2 for each multiply-add of the matrix products of the forward
 * pass (the body's matrices, attention scores and context, the prediction head at M positions only), times 3 for forward
 * and backward. Elementwise work, normalisation, look-ups and the optimizer are left out.
 */
export function stepFlops(model: LanguageModel, shape: StepShape): number {
  const { hiddenSize: H, numHiddenLayers: L } = model.config;
  const { batchSize: B, sequenceLength: T, predictions: M } = shape;
  const attention = L * 2 * B * T * T * H;
  const decoder = sizeOfNamed(model.body, model.embeddings);
  const forward = B * T * matrixSize(model.body) + attention + M * (matrixSize(model.head) + decoder);
  return 6 * (shape.microBatches ?? 1) * forward;
}

function matrixSize(specs: readonly ParameterSpec[]): number {
  return specs
    .filter(({ kind }) => kind === 'matrix')
    .reduce((sum, { shape: [rows = 0, columns = 0] }) => sum + rows * columns, 0);
}

/** Values of the token embeddings, which are the decoder, too. */
function sizeOfNamed(specs: readonly ParameterSpec[], name: string): number {
  const [rows = 0, columns = 0] = specs.find((spec) => spec.name === name)?.shape ?? [];
  return rows * columns;
}
