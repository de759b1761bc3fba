import { type Shape, sameShape, sizeOf } from '../../core/index.js';
import {
  applyOne,
  argument,
  asConstant,
  type EmitContext,
  expectType,
  type NdArray,
  type OpNode,
  type OpRule,
  type Tensor,
} from '../graph.js';
import { at, broadcastIndex } from '../ndarray.js';
import { reduceSum } from './layout.js';

interface MatMulOptions {
  readonly transA?: boolean;
  readonly transB?: boolean;
  /** Factor on the product. */
  readonly alpha?: number;
}

function rowsAndColumns(shape: Shape, transposed: boolean): [number, number] {
  const rows = at(shape, shape.length - 2);
  const columns = at(shape, shape.length - 1);
  return transposed ? [columns, rows] : [rows, columns];
}

/**
 * Matrix product of the last two axes: f32[..., n, k] x f32[..., k, m] -> f32[..., n, m]. Leading axes are
 * equal; each operand may be transposed in its last two axes.
 */
export const matMulRule: OpRule<'matMul'> = {
  name: 'matMul',
  infer: (inputs, { transA, transB }) => {
    const a = argument(inputs, 0);
    const b = argument(inputs, 1);
    expectType(a.dtype === 'float32' && a.shape.length >= 2, 'matMul', 'argument 0', 'f32 of rank >= 2', a);
    const [n, k] = rowsAndColumns(a.shape, transA);
    const [kB, m] = rowsAndColumns(b.shape, transB);
    const batch = a.shape.slice(0, -2);
    const fits = b.dtype === 'float32' && k === kB && sameShape(batch, b.shape.slice(0, -2));
    expectType(fits, 'matMul', 'argument 1', `f32 with leading axes [${batch}] and ${k} rows`, b);
    return [{ dtype: 'float32', shape: [...batch, n, m] }];
  },
  emit: (context, node) => {
    const { transA, transB, alpha } = node.attributes;
    const [a, b] = node.inputs.map(context.name) as [string, string];
    const output = context.name(argument(node.outputs, 0));
    if (transA) emitTransposedLeft(context, node);
    else if (transB || alpha !== 1) emitFusedProduct(context, a, b, output, { transB, alpha });
    else context.node('MatMul', [a, b], [output]);
  },
  emitPortable: (context, node) => {
    const { transA, transB, alpha } = node.attributes;
    const [a, b] = node.inputs.map((operand, index) =>
      (index === 0 ? transA : transB) ? transposed(context, operand) : context.name(operand),
    ) as [string, string];
    const outputs = node.outputs.map(context.name);
    const product = alpha === 1 ? argument(outputs, 0) : context.fresh('product');
    context.node('MatMul', [a, b], [product]);
    if (alpha !== 1) context.node('Mul', [product, context.float(alpha)], outputs);
  },
  gradient: ([dy], { inputs, attributes: { transA, transB, alpha } }) => {
    if (!dy) return [];
    const a = argument(inputs, 0);
    const b = argument(inputs, 1);
    return [
      transA
        ? matMul(b, dy, { transA: transB, transB: true, alpha })
        : matMul(dy, b, { transB: !transB, alpha }),
      transB
        ? matMul(dy, a, { transA: true, transB: transA, alpha })
        : matMul(a, dy, { transA: !transA, alpha }),
    ];
  },
  evaluate: (inputs, { transA, transB, alpha }) => [
    multiplyArrays(argument(inputs, 0), argument(inputs, 1), transA, transB, alpha),
  ],
};

/** alpha a op(b) as one ONNX node that ONNX Runtime leaves alone. */
function emitFusedProduct(
  context: EmitContext,
  a: string,
  b: string,
  output: string,
  { transA = false, transB, alpha }: { transA?: boolean; transB: boolean; alpha: number },
): void {
  const attributes = { transA: Number(transA), transB: Number(transB), alpha: { float: alpha } };
  context.node('FusedMatMul', [a, b], [output], attributes, 'com.microsoft');
}

/** Columns of a product that ONNX Runtime computes for one transposition of a left operand. */
const COLUMN_BLOCK = 128;

/**
 * a^T op(b). ONNX Runtime's product with transA transposes anew for every block of columns (measured:
 * docs/performance.md): one that has more columns gets the transposition as a node of its own; a plain MatMul would be
 * fused back into such a product. Where it moves less, op(b)^T a is computed and its result turned.
 */
function emitTransposedLeft(context: EmitContext, { inputs, outputs, attributes }: OpNode<'matMul'>): void {
  const { transB, alpha } = attributes;
  const [a, b, output] = [argument(inputs, 0), argument(inputs, 1), argument(outputs, 0)];
  if (at(output.shape, output.shape.length - 1) <= COLUMN_BLOCK) {
    emitFusedProduct(context, context.name(a), context.name(b), context.name(output), attributes);
    return;
  }
  if (sizeOf(a.shape) <= sizeOf(output.shape) + (transB ? 0 : sizeOf(b.shape))) {
    emitFusedProduct(context, transposed(context, a), context.name(b), context.name(output), {
      transB,
      alpha,
    });
    return;
  }
  const product = context.fresh('product');
  const left = transB ? context.name(b) : transposed(context, b);
  emitFusedProduct(context, left, context.name(a), product, { transB: false, alpha });
  context.node('Transpose', [product], [context.name(output)], { perm: lastTwoExchanged(output.shape) });
}

/** The name of an operand with its last two axes exchanged. */
function transposed(context: EmitContext, operand: Tensor): string {
  const name = context.fresh('transposed');
  context.node('Transpose', [context.name(operand)], [name], { perm: lastTwoExchanged(operand.shape) });
  return name;
}

function lastTwoExchanged(shape: Shape): number[] {
  const axes = shape.map((_, axis) => axis);
  return [...axes.slice(0, -2), ...axes.slice(-2).reverse()];
}

function multiplyArrays(a: NdArray, b: NdArray, transA: boolean, transB: boolean, alpha: number): NdArray {
  const [n, k] = rowsAndColumns(a.shape, transA);
  const [, m] = rowsAndColumns(b.shape, transB);
  const batch = a.shape.slice(0, -2);
  const data = new Float64Array(sizeOf(batch) * n * m);
  for (let flat = 0; flat < data.length; flat++) {
    const column = flat % m;
    const row = Math.floor(flat / m) % n;
    const item = Math.floor(flat / (n * m));
    let sum = 0;
    for (let inner = 0; inner < k; inner++) {
      const left = transA ? inner * n + row : row * k + inner;
      const right = transB ? column * k + inner : inner * m + column;
      sum += at(a.data, item * n * k + left) * at(b.data, item * k * m + right);
    }
    data[flat] = alpha * sum;
  }
  return { shape: [...batch, n, m], data };
}

/** Affine map with PyTorch's weight layout: f32[N, I] by f32[O, I] plus f32[O] -> f32[N, O]. */
export const linearRule: OpRule<'linear'> = {
  name: 'linear',
  infer: (inputs) => {
    const x = argument(inputs, 0);
    const weight = argument(inputs, 1);
    const bias = argument(inputs, 2);
    expectType(x.shape.length === 2 && x.dtype === 'float32', 'linear', 'argument 0', 'f32 of rank 2', x);
    const [rows, width] = rowsAndColumns(x.shape, false);
    const fits = weight.shape.length === 2 && weight.shape[1] === width;
    expectType(fits, 'linear', 'the weight', `f32[out, ${width}]`, weight);
    const columns = at(weight.shape, 0);
    expectType(sameShape(bias.shape, [columns]), 'linear', 'the bias', `f32[${columns}]`, bias);
    return [{ dtype: 'float32', shape: [rows, columns] }];
  },
  emit: (context, node) =>
    context.node('Gemm', node.inputs.map(context.name), node.outputs.map(context.name), { transB: 1 }),
  gradient: ([dy], { inputs }) => {
    if (!dy) return [];
    return [
      matMul(dy, argument(inputs, 1)),
      matMul(dy, argument(inputs, 0), { transA: true }),
      reduceSum(dy, [0]),
    ];
  },
  evaluate: (inputs) => {
    const product = multiplyArrays(argument(inputs, 0), argument(inputs, 1), false, true, 1);
    const bias = argument(inputs, 2);
    const index = broadcastIndex(bias.shape, product.shape);
    return [
      { shape: product.shape, data: product.data.map((value, flat) => value + at(bias.data, index(flat))) },
    ];
  },
};

/** Matrix product of the last two axes; see `matMulRule`. A constant factor on an operand joins the product's own. */
export function matMul(a: Tensor, b: Tensor, options: MatMulOptions = {}): Tensor {
  const { transA = false, transB = false, alpha = 1 } = options;
  const [left, right] = [withoutFactor(a), withoutFactor(b)];
  const factor = alpha * left.factor * right.factor;
  return applyOne(matMulRule, [left.tensor, right.tensor], { transA, transB, alpha: factor });
}

/** A tensor that is a constant multiple of another, taken apart: scaling inside a product costs no pass over memory. */
function withoutFactor(tensor: Tensor): { readonly tensor: Tensor; readonly factor: number } {
  const [scaled, factor] = tensor.node.inputs;
  const value = factor && factor.shape.length === 0 ? asConstant(factor.node)?.data[0] : undefined;
  const isMultiple = tensor.node.rule.name === 'mul' && scaled && value !== undefined;
  return isMultiple ? { tensor: scaled, factor: value } : { tensor, factor: 1 };
}

/** x W^T + b with W f32[O, I] as PyTorch stores it; without a bias it is a matrix product. */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  return bias ? applyOne(linearRule, [x, weight, bias], {}) : matMul(x, weight, { transB: true });
}
