import { broadcastShapes, sameShape } from '../../core/index.js';
import { argument, expectType, type NdArray, type OpRule, type Tensor, type TensorType } from '../graph.js';
import { at, mapRows, softmaxRow, zipArrays } from '../ndarray.js';
import { mul, sub } from './elementwise.js';
import { reduceSum } from './layout.js';
import { matMul, matMulRule } from './linear.js';

/**
 * Scaled dot-product attention (Vaswani et al. 2017, eq. 1): q f32[B, A, Q, D], k and v f32[B, A, T, D], an optional
 * additive bias that broadcasts with f32[B, A, Q, T]. Outputs the context f32[B, A, Q, D] and the probabilities
 * f32[B, A, Q, T], which carry no gradient of their own.
 */
export const attentionRule: OpRule<'attention'> = {
  name: 'attention',
  infer: (inputs) => {
    const q = argument(inputs, 0);
    const k = argument(inputs, 1);
    const v = argument(inputs, 2);
    expectType(q.dtype === 'float32' && q.shape.length === 4, 'attention', 'the query', 'f32[B, A, Q, D]', q);
    const keys = q.shape.with(2, k.shape[2] ?? 0);
    expectType(sameShape(k.shape, keys), 'attention', 'the key', `f32[${keys}]`, k);
    expectType(sameShape(v.shape, keys), 'attention', 'the value', `f32[${keys}]`, v);
    const probabilities: TensorType = { dtype: 'float32', shape: q.shape.with(3, at(keys, 2)) };
    const bias = inputs[3];
    if (bias) {
      const broadcast = broadcastShapes(bias.shape, probabilities.shape);
      const fits = broadcast && sameShape(broadcast, probabilities.shape);
      expectType(fits === true, 'attention', 'the bias', `broadcastable to [${probabilities.shape}]`, bias);
    }
    return [q, probabilities];
  },
  emit: (context, node) => {
    const [q, k, v, bias] = node.inputs.map(context.name);
    const [output, probabilities] = node.outputs.map(context.name) as [string, string];
    const scores = context.fresh('scores');
    const attributes = { transB: 1, alpha: { float: node.attributes.scale } };
    context.node('FusedMatMul', [q as string, k as string], [scores], attributes, 'com.microsoft');
    const biased = bias ? context.fresh('biased_scores') : scores;
    if (bias) context.node('Add', [scores, bias], [biased]);
    context.node('Softmax', [biased], [probabilities], { axis: -1 });
    context.node('MatMul', [probabilities, v as string], [output]);
  },
  emitPortable: (context, node) => {
    const [q, k, v, bias] = node.inputs.map(context.name) as [string, string, string, string | undefined];
    const [output, probabilities] = node.outputs.map(context.name) as [string, string];
    const names = ['transposed_key', 'products', 'scores', 'biased_scores'].map(context.fresh);
    const [transposed, products, scores, biased] = names as [string, string, string, string];
    context.node('Transpose', [k], [transposed], { perm: [0, 1, 3, 2] });
    context.node('MatMul', [q, transposed], [products]);
    context.node('Mul', [products, context.float(node.attributes.scale)], [scores]);
    if (bias) context.node('Add', [scores, bias], [biased]);
    context.node('Softmax', [bias ? biased : scores], [probabilities], { axis: -1 });
    context.node('MatMul', [probabilities, v], [output]);
  },
  gradient: ([dOutput], { inputs, outputs, attributes: { scale } }) => {
    if (!dOutput) return [];
    const [q, k, v] = [argument(inputs, 0), argument(inputs, 1), argument(inputs, 2)];
    const output = argument(outputs, 0);
    const probabilities = argument(outputs, 1);
    const dProbabilities = matMul(dOutput, v, { transB: true });
    // rowsum(dP * P) equals rowsum(dO * O), which is D wide instead of T.
    const rowDots = reduceSum(mul(dOutput, output), [-1], true);
    const dScores = mul(probabilities, sub(dProbabilities, rowDots));
    return [
      matMul(dScores, k, { alpha: scale }),
      matMul(dScores, q, { transA: true, alpha: scale }),
      matMul(probabilities, dOutput, { transA: true }),
    ];
  },
  evaluate: (inputs, { scale }) => {
    const product = (a: NdArray, b: NdArray, transB: boolean, alpha: number) =>
      argument(matMulRule.evaluate([a, b], { transA: false, transB, alpha }), 0);
    const scores = product(argument(inputs, 0), argument(inputs, 1), true, scale);
    const bias = inputs[3];
    const probabilities = mapRows(bias ? zipArrays(scores, bias, (x, y) => x + y) : scores, softmaxRow);
    return [product(probabilities, argument(inputs, 2), false, 1), probabilities];
  },
};

/** Scaled dot-product attention; see `attentionRule`. Returns the context and the probabilities. */
export function attention(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  scale: number,
  bias?: Tensor,
): { readonly context: Tensor; readonly probabilities: Tensor } {
  const inputs = bias ? [q, k, v, bias] : [q, k, v];
  const outputs = q.node.graph.apply(attentionRule, inputs, { scale });
  return { context: argument(outputs, 0), probabilities: argument(outputs, 1) };
}
