import { sameShape } from '../../core/index.js';
import {
  applyOne,
  argument,
  expectType,
  type OpName,
  type OpRule,
  type Tensor,
  type TensorType,
} from '../graph.js';
import { at, mapRows, ndarray, softmaxRow } from '../ndarray.js';
import { mul } from './elementwise.js';

/** Smallest normal float32: a probability is never taken to be less, so that a loss stays finite (87.3 nats). */
const TINY = 1.1754943508222875e-38;

function expectLabels(op: OpName, matrix: TensorType, labels: TensorType, weights: TensorType): void {
  const rows = [at(matrix.shape, 0)];
  expectType(matrix.shape.length === 2, op, 'argument 0', 'f32[M, V]', matrix);
  expectType(
    labels.dtype === 'int32' && sameShape(labels.shape, rows),
    op,
    'the labels',
    `i32[${rows}]`,
    labels,
  );
  expectType(
    weights.dtype === 'float32' && sameShape(weights.shape, rows),
    op,
    'the weights',
    `f32[${rows}]`,
    weights,
  );
}

/**
 * Weighted softmax cross-entropy in nats: logits f32[M, V], labels i32[M], weights f32[M] -> the sum over rows of
 * weight * -log p(label), f32[], and the probabilities f32[M, V], which carry no gradient of their own. Weights
 * that sum to 1 give a mean; weight 0 leaves a row out.
 */
export const softmaxCrossEntropyRule: OpRule<'softmaxCrossEntropy'> = {
  name: 'softmaxCrossEntropy',
  infer: (inputs) => {
    const logits = argument(inputs, 0);
    expectLabels('softmaxCrossEntropy', logits, argument(inputs, 1), argument(inputs, 2));
    return [
      { dtype: 'float32', shape: [] },
      { dtype: 'float32', shape: logits.shape },
    ];
  },
  emit: (context, node) => {
    const [logits, labels, weights] = node.inputs.map(context.name) as [string, string, string];
    const [loss, probabilities] = node.outputs.map(context.name) as [string, string];
    const names = [
      'label_column',
      'label_probability',
      'floored',
      'log_probability',
      'row',
      'weighted',
      'sum',
    ];
    const [column, picked, floored, logs, row, weighted, sum] = names.map(context.fresh) as [
      string,
      string,
      string,
      string,
      string,
      string,
      string,
    ];
    context.node('Softmax', [logits], [probabilities], { axis: -1 });
    context.node('Unsqueeze', [labels, context.int64([1])], [column]);
    context.node('GatherElements', [probabilities, column], [picked], { axis: 1 });
    context.node('Max', [picked, context.float(TINY)], [floored]);
    context.node('Log', [floored], [logs]);
    context.node('Squeeze', [logs, context.int64([1])], [row]);
    context.node('Mul', [row, weights], [weighted]);
    context.node('ReduceSum', [weighted, context.int64([0])], [sum], { keepdims: 0 });
    context.node('Neg', [sum], [loss]);
  },
  gradient: ([dLoss], { inputs, outputs }) => {
    if (!dLoss) return [];
    const labels = argument(inputs, 1);
    const coefficients = mul(argument(inputs, 2), dLoss);
    return [applyOne(softmaxCrossEntropyGradientRule, [argument(outputs, 1), labels, coefficients], {})];
  },
  evaluate: (inputs) => {
    const probabilities = mapRows(argument(inputs, 0), softmaxRow);
    const width = at(probabilities.shape, 1);
    const labels = argument(inputs, 1).data;
    const loss = argument(inputs, 2).data.reduce(
      (sum, weight, row) =>
        sum - weight * Math.log(Math.max(at(probabilities.data, row * width + at(labels, row)), TINY)),
      0,
    );
    return [{ shape: [], data: Float64Array.of(loss) }, probabilities];
  },
};

/** coefficient * (probabilities - onehot(labels)), row by row: f32[M, V], i32[M], f32[M] -> f32[M, V]. */
export const softmaxCrossEntropyGradientRule: OpRule<'softmaxCrossEntropyGradient'> = {
  name: 'softmaxCrossEntropyGradient',
  infer: (inputs) => {
    const probabilities = argument(inputs, 0);
    expectLabels('softmaxCrossEntropyGradient', probabilities, argument(inputs, 1), argument(inputs, 2));
    return [probabilities];
  },
  emit: (context, node) => {
    const [probabilities, labels, coefficients] = node.inputs.map(context.name) as [string, string, string];
    const names = ['label_column', 'coefficient_column', 'scaled', 'minus'];
    const [column, factor, scaled, minus] = names.map(context.fresh) as [string, string, string, string];
    context.node('Unsqueeze', [labels, context.int64([1])], [column]);
    context.node('Unsqueeze', [coefficients, context.int64([1])], [factor]);
    context.node('Mul', [probabilities, factor], [scaled]);
    context.node('Neg', [factor], [minus]);
    const attributes = { axis: 1, reduction: 'add' };
    context.node('ScatterElements', [scaled, column, minus], node.outputs.map(context.name), attributes);
  },
  gradient: { notDifferentiable: 'second derivatives of the loss are not provided' },
  evaluate: (inputs) => {
    const probabilities = argument(inputs, 0);
    const width = at(probabilities.shape, 1);
    const labels = argument(inputs, 1).data;
    return [
      ndarray(probabilities.shape, (flat) => {
        const row = Math.floor(flat / width);
        const isLabel = Number(flat % width === at(labels, row));
        return at(argument(inputs, 2).data, row) * (at(probabilities.data, flat) - isLabel);
      }),
    ];
  },
};

/** Weighted softmax cross-entropy; see `softmaxCrossEntropyRule`. Returns the loss f32[] and probabilities f32[M, V]. */
export function softmaxCrossEntropy(
  logits: Tensor,
  labels: Tensor,
  weights: Tensor,
): { readonly loss: Tensor; readonly probabilities: Tensor } {
  const outputs = logits.node.graph.apply(softmaxCrossEntropyRule, [logits, labels, weights], {});
  return { loss: argument(outputs, 0), probabilities: argument(outputs, 1) };
}
