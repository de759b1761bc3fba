import { broadcastShapes, sameShape } from '../../core/index.js';
import {
  applyOne,
  argument,
  expectType,
  type NdArray,
  type OpRule,
  type Tensor,
  type TensorType,
} from '../graph.js';
import { at, mapRows, ndarray, softmaxRow, zipArrays } from '../ndarray.js';
import { mul, sub } from './elementwise.js';
import { reduceSum } from './layout.js';
import { matMul, matMulRule } from './linear.js';

/**
 * Rotary position embedding (Su et al. 2021, eq. 34, the rotate-half layout of GPT-NeoX): x f32[B, A, T, D] with
 * cos and sin f32[T, D/2]. `inverse` rotates by the opposite angle, which is also the gradient.
 */
export const rotaryRule: OpRule<'rotary'> = {
  name: 'rotary',
  infer: (inputs) => {
    const x = argument(inputs, 0);
    expectType(x.dtype === 'float32' && x.shape.length === 4, 'rotary', 'argument 0', 'f32[B, A, T, D]', x);
    const angles = [at(x.shape, 2), at(x.shape, 3) / 2];
    for (const [index, name] of [
      [1, 'cos'],
      [2, 'sin'],
    ] as const) {
      const table = argument(inputs, index);
      expectType(sameShape(table.shape, angles), 'rotary', name, `f32[${angles}]`, table);
    }
    return [x];
  },
  emit: (context, node) => {
    const [batch, , length] = argument(node.inputs, 0).shape as readonly [number, number, number, number];
    const positions = Array.from({ length: batch * length }, (_, index) => index % length);
    const [x, cos, sin] = node.inputs.map(context.name) as [string, string, string];
    const angle = node.attributes.inverse ? context.fresh('inverse_sin') : sin;
    if (node.attributes.inverse) context.node('Neg', [sin], [angle]);
    const inputs = [x, cos, angle, context.int64(positions, [batch, length])];
    context.node('RotaryEmbedding', inputs, node.outputs.map(context.name));
  },
  emitPortable: (context, node) => {
    const half = at(argument(node.inputs, 0).shape, 3) / 2;
    const [x, cos, sin] = node.inputs.map(context.name) as [string, string, string];
    const [first, second] = ['first_half', 'second_half'].map(context.fresh) as [string, string];
    context.node('Split', [x, context.int64([half, half])], [first, second], { axis: 3 });
    const product = (a: string, b: string): string => {
      const name = context.fresh('turned');
      context.node('Mul', [a, b], [name]);
      return name;
    };
    const combined = (a: string, b: string, isSum: boolean): string => {
      const name = context.fresh('rotated');
      context.node(isSum ? 'Add' : 'Sub', [a, b], [name]);
      return name;
    };
    const { inverse } = node.attributes;
    const turned = [
      combined(product(first, cos), product(second, sin), inverse),
      combined(product(second, cos), product(first, sin), !inverse),
    ];
    context.node('Concat', turned, node.outputs.map(context.name), { axis: 3 });
  },
  gradient: ([dy], { inputs, attributes }) => [
    dy && rotary(dy, argument(inputs, 1), argument(inputs, 2), !attributes.inverse),
  ],
  evaluate: (inputs, { inverse }) => [
    rotateArray(argument(inputs, 0), argument(inputs, 1), argument(inputs, 2), inverse ? -1 : 1),
  ],
};

function rotateArray(x: NdArray, cos: NdArray, sin: NdArray, sign: number): NdArray {
  const length = at(x.shape, 2);
  const width = at(x.shape, 3);
  const half = width / 2;
  return ndarray(x.shape, (flat) => {
    const column = flat % width;
    const angle = (Math.floor(flat / width) % length) * half + (column % half);
    const isFirst = column < half;
    const partner = at(x.data, isFirst ? flat + half : flat - half);
    return at(x.data, flat) * at(cos.data, angle) + (isFirst ? -1 : 1) * sign * partner * at(sin.data, angle);
  });
}

/**
 * Scaled dot-product attention (Vaswani et al. 2017, eq. 1): q, k, v f32[B, A, T, D], an optional additive bias that
 * broadcasts with f32[B, A, T, T]. Outputs the context f32[B, A, T, D] and the probabilities f32[B, A, T, T], which
 * carry no gradient of their own.
 */
export const attentionRule: OpRule<'attention'> = {
  name: 'attention',
  infer: (inputs) => {
    const q = argument(inputs, 0);
    expectType(q.dtype === 'float32' && q.shape.length === 4, 'attention', 'the query', 'f32[B, A, T, D]', q);
    for (const [index, name] of [
      [1, 'the key'],
      [2, 'the value'],
    ] as const) {
      const other = argument(inputs, index);
      expectType(sameShape(other.shape, q.shape), 'attention', name, `f32[${q.shape}]`, other);
    }
    const probabilities: TensorType = { dtype: 'float32', shape: q.shape.with(3, at(q.shape, 2)) };
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

/** Rotates pairs of channels by the angles of their position; see `rotaryRule`. */
export function rotary(x: Tensor, cos: Tensor, sin: Tensor, inverse = false): Tensor {
  return applyOne(rotaryRule, [x, cos, sin], { inverse });
}

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
