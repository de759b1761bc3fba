import type { LanguageModel, ParameterSpec } from '../model/index.js';
import type { StepShape } from './step.js';

/**
 * Floating-point operations that one training step needs: 2 for each multiply-add of the matrix products of the forward
 * pass, times 3 for forward and backward. At all B * T positions those are the body's matrices, attention scores and
 * context, but for the last layer, of which only keys and values are; its other matrices, its queries and the prediction
 * head are needed at M positions. Elementwise work, normalisation, look-ups and the optimizer are left out.
 */
export function stepFlops(model: LanguageModel, shape: StepShape): number {
  const { hiddenSize: H, numHiddenLayers: L } = model.config;
  const { batchSize: B, sequenceLength: T, predictions: M } = shape;
  const attention = 2 * T * H; // of one query in one layer
  const ofLast = matrixSize(model.body.filter(({ name }) => layerOf(name) === L - 1)) - 2 * H * H;
  const decoder = sizeOfNamed(model.body, model.embeddings);
  const everywhere = matrixSize(model.body) - ofLast + (L - 1) * attention;
  const atPredictions = ofLast + attention + matrixSize(model.head) + decoder;
  return 6 * (shape.microBatches ?? 1) * (B * T * everywhere + M * atPredictions);
}

/** The layer that a parameter belongs to, by its name. */
function layerOf(name: string): number | undefined {
  const [, layer] = /\.layers?\.(\d+)\./.exec(name) ?? [];
  return layer === undefined ? undefined : Number(layer);
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
