import { sameShape } from '../../core/index.js';
import {
  applyOne,
  argument,
  type EmitContext,
  expectType,
  type OpName,
  type OpNode,
  type OpRule,
  type Tensor,
  type TensorType,
} from '../graph.js';
import { at, mapRows, ndarray, softmaxRow } from '../ndarray.js';
import { mul, neg, sub } from './elementwise.js';
import { reshape } from './layout.js';
import { matMul } from './linear.js';
import { gatherRows, scatterAddRows } from './select.js';

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
  emit: (context, node) => emitCrossEntropy(context, node),
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

/** Loss and probabilities of logits, labels and weights, the first three inputs. */
function emitCrossEntropy(context: EmitContext, node: Pick<OpNode, 'inputs' | 'outputs'>): void {
  const [logits, labels, weights] = node.inputs.map(context.name) as [string, string, string];
  const [loss, probabilities] = node.outputs.map(context.name) as [string, string];
  const names = ['label_column', 'label_probability', 'floored', 'log_probability', 'row', 'weighted', 'sum'];
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
}

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

/**
 * The same of logits that are x f32[M, H] by W f32[V, H] plus b f32[V], which come along: the gradient goes to these at once.
 * It is coefficient * (p - onehot), M x V numbers, by x and by W; here the coefficient goes to the M x H numbers instead, and
 * what belongs to the labels is M rows, so that p is never written anew.
 */
export const decodedCrossEntropyRule: OpRule<'decodedCrossEntropy'> = {
  name: 'decodedCrossEntropy',
  infer: (inputs) => softmaxCrossEntropyRule.infer(inputs.slice(0, 3), {}),
  emit: (context, node) => emitCrossEntropy(context, node),
  gradient: ([dLoss], { inputs, outputs }) => {
    if (!dLoss) return [];
    const [, labels, weights, x, weight] = inputs as [Tensor, Tensor, Tensor, Tensor, Tensor];
    const p = argument(outputs, 1);
    const [M, V] = p.shape as readonly [number, number];
    const coefficients = reshape(mul(weights, dLoss), [M, 1]);
    const scaled = mul(x, coefficients); // [M, H]
    const sums = reshape(matMul(reshape(coefficients, [1, M]), p), [V, 1]);
    return [
      undefined,
      undefined,
      undefined,
      mul(sub(matMul(p, weight), gatherRows(weight, labels)), coefficients),
      scatterAddRows(neg(scaled), labels, V, matMul(p, scaled, { transA: true })),
      reshape(scatterAddRows(neg(coefficients), labels, V, sums), [V]),
    ];
  },
  evaluate: (inputs) => softmaxCrossEntropyRule.evaluate(inputs.slice(0, 3), {}),
};

/** Weighted softmax cross-entropy; see `softmaxCrossEntropyRule`. Returns the loss f32[] and probabilities f32[M, V]. */
export function softmaxCrossEntropy(
  logits: Tensor,
  labels: Tensor,
  weights: Tensor,
): { readonly loss: Tensor; readonly probabilities: Tensor } {
  const { graph, rule, inputs } = logits.node;
  const outputs =
    rule.name === 'linear'
      ? graph.apply(decodedCrossEntropyRule, [logits, labels, weights, ...inputs], {})
      : graph.apply(softmaxCrossEntropyRule, [logits, labels, weights], {});
  return { loss: argument(outputs, 0), probabilities: argument(outputs, 1) };
}
