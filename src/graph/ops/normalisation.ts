import { sameShape, sizeOf } from '../../core/index.js';
import { applyOne, argument, expectType, type NdArray, type OpRule, type Tensor } from '../graph.js';
import { at, mapRows, softmaxRow } from '../ndarray.js';
import { mul, scale, sub } from './elementwise.js';
import { reduceSum, reshape } from './layout.js';
import { matMul } from './linear.js';

/** Softmax over the last axis. Minus infinity gives exactly 0; a row of nothing else gives NaN. */
export const softmaxRule: OpRule<'softmax'> = {
  name: 'softmax',
  infer: (inputs) => {
    const x = argument(inputs, 0);
    expectType(x.dtype === 'float32' && x.shape.length >= 1, 'softmax', 'argument 0', 'f32 of rank >= 1', x);
    return [x];
  },
  emit: (context, node) =>
    context.node('Softmax', node.inputs.map(context.name), node.outputs.map(context.name), { axis: -1 }),
  gradient: ([dy], { outputs }) => {
    if (!dy) return [];
    const y = argument(outputs, 0);
    return [mul(y, sub(dy, reduceSum(mul(dy, y), [-1], true)))];
  },
  evaluate: (inputs) => [mapRows(argument(inputs, 0), softmaxRow)],
};

/**
 * Layer normalisation over the last axis (Ba et al. 2016) with a gain f32[H] and an optional bias f32[H]: outputs y
 * f32[..., H], mean and inverse standard deviation f32[..., 1]. Only y carries a gradient; the other two save its
 * backward a pass.
 */
export const layerNormRule: OpRule<'layerNorm'> = {
  name: 'layerNorm',
  infer: (inputs) => {
    const x = argument(inputs, 0);
    const gain = argument(inputs, 1);
    const width = at(x.shape, x.shape.length - 1);
    expectType(
      x.dtype === 'float32' && x.shape.length >= 1,
      'layerNorm',
      'argument 0',
      'f32 of rank >= 1',
      x,
    );
    expectType(sameShape(gain.shape, [width]), 'layerNorm', 'the gain', `f32[${width}]`, gain);
    const bias = inputs[2];
    if (bias) expectType(sameShape(bias.shape, [width]), 'layerNorm', 'the bias', `f32[${width}]`, bias);
    const statistics = { dtype: 'float32', shape: x.shape.with(-1, 1) } as const;
    return [{ dtype: 'float32', shape: x.shape }, statistics, statistics];
  },
  emit: (context, node) =>
    context.node('LayerNormalization', node.inputs.map(context.name), node.outputs.map(context.name), {
      axis: -1,
      epsilon: { float: node.attributes.epsilon },
    }),
  // The statistics are for the backward pass, and some back ends do not give them.
  emitPortable: (context, node) =>
    context.node(
      'LayerNormalization',
      node.inputs.map(context.name),
      [context.name(argument(node.outputs, 0))],
      { axis: -1, epsilon: { float: node.attributes.epsilon } },
    ),
  gradient: ([dy], { inputs, outputs }) => {
    if (!dy) return [];
    const [x, gain] = [argument(inputs, 0), argument(inputs, 1)];
    const [mean, inverseStd] = [argument(outputs, 1), argument(outputs, 2)];
    const width = at(x.shape, x.shape.length - 1);
    const normalised = mul(sub(x, mean), inverseStd);
    const product = mul(dy, normalised);
    const scaled = mul(dy, gain);
    const meanScaled = rowMeans(dy, gain);
    const meanProduct = rowMeans(product, gain);
    const dx = mul(sub(sub(scaled, meanScaled), mul(normalised, meanProduct)), inverseStd);
    const overRows = (values: Tensor) => reduceSum(reshape(values, [-1, width]), [0]);
    return [dx, overRows(product), inputs[2] && overRows(dy)];
  },
  evaluate: (inputs, { epsilon }) =>
    evaluateLayerNorm(argument(inputs, 0), argument(inputs, 1), epsilon, inputs[2]),
};

/** mean over the last axis of x * gain, as a matrix-vector product: f32[..., 1]. */
function rowMeans(x: Tensor, gain: Tensor): Tensor {
  const width = at(x.shape, x.shape.length - 1);
  const sums = matMul(reshape(x, [-1, width]), reshape(gain, [width, 1]), { alpha: 1 / width });
  return reshape(sums, x.shape.with(-1, 1));
}

function evaluateLayerNorm(x: NdArray, gain: NdArray, epsilon: number, bias?: NdArray): NdArray[] {
  const width = at(x.shape, x.shape.length - 1);
  const rows = sizeOf(x.shape) / width;
  const mean = new Float64Array(rows);
  const inverseStd = new Float64Array(rows);
  let row = 0;
  const y = mapRows(x, (values, out) => {
    const average = values.reduce((sum, value) => sum + value, 0) / width;
    const variance = values.reduce((sum, value) => sum + (value - average) ** 2, 0) / width;
    mean[row] = average;
    inverseStd[row] = 1 / Math.sqrt(variance + epsilon);
    for (let column = 0; column < width; column++) {
      const normalised = (at(values, column) - average) * at(inverseStd, row);
      out[column] = normalised * at(gain.data, column) + (bias ? at(bias.data, column) : 0);
    }
    row++;
  });
  const shape = x.shape.with(-1, 1);
  return [y, { shape, data: mean }, { shape, data: inverseStd }];
}

/** Softmax over the last axis. */
export function softmax(x: Tensor): Tensor {
  return applyOne(softmaxRule, [x], {});
}

/** Layer normalisation over the last axis: gain f32[H], epsilon inside the root, and a bias f32[H] where there is one. */
export function layerNorm(x: Tensor, gain: Tensor, epsilon: number, bias?: Tensor): Tensor {
  return applyOne(layerNormRule, bias ? [x, gain, bias] : [x, gain], { epsilon });
}

/** Mean of all elements, f32[]. */
export function meanAll(x: Tensor): Tensor {
  const axes = x.shape.map((_, axis) => axis);
  return scale(reduceSum(x, axes), 1 / sizeOf(x.shape));
}
