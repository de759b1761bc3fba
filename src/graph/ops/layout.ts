import { type Shape, sameShape, sizeOf } from '../../core/index.js';
import {
  applyOne,
  argument,
  type EmitContext,
  expectType,
  type OpAttributes,
  type OpNode,
  type OpRule,
  type Tensor,
} from '../graph.js';
import { at, broadcastIndex, ndarray, permuteAxes, sumOver } from '../ndarray.js';
import { constant } from './source.js';

/** Counts an axis from the end when it is negative. */
function resolveAxis(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

export const reshapeRule: OpRule<'reshape'> = {
  name: 'reshape',
  infer: (inputs, { shape }) => {
    const x = argument(inputs, 0);
    expectType(sizeOf(x.shape) === sizeOf(shape), 'reshape', 'argument 0', `of ${sizeOf(shape)} elements`, x);
    return [{ dtype: x.dtype, shape }];
  },
  emit: (context, node) =>
    context.node(
      'Reshape',
      [context.name(argument(node.inputs, 0)), context.int64(node.attributes.shape)],
      node.outputs.map(context.name),
    ),
  gradient: ([dy], { inputs }) => [dy && reshape(dy, argument(inputs, 0).shape)],
  evaluate: (inputs, { shape }) => [{ shape, data: argument(inputs, 0).data }],
};

export const transposeRule: OpRule<'transpose'> = {
  name: 'transpose',
  infer: (inputs, { permutation }) => {
    const x = argument(inputs, 0);
    const sorted = [...permutation].sort((a, b) => a - b);
    const fits = permutation.length === x.shape.length && sorted.every((axis, index) => axis === index);
    expectType(
      fits,
      'transpose',
      'argument 0',
      `of rank ${permutation.length}, permuted by [${permutation}]`,
      x,
    );
    return [{ dtype: x.dtype, shape: permutation.map((axis) => at(x.shape, axis)) }];
  },
  emit: (context, node) =>
    context.node('Transpose', node.inputs.map(context.name), node.outputs.map(context.name), {
      perm: node.attributes.permutation,
    }),
  gradient: ([dy], { attributes }) => [dy && transpose(dy, inversePermutation(attributes.permutation))],
  evaluate: (inputs, { permutation }) => [permuteAxes(argument(inputs, 0), permutation)],
};

function inversePermutation(permutation: readonly number[]): number[] {
  return permutation.map((_, axis) => permutation.indexOf(axis));
}

export const splitRule: OpRule<'split'> = {
  name: 'split',
  infer: (inputs, { axis, sizes }) => {
    const x = argument(inputs, 0);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    expectType(x.shape[axis] === total, 'split', 'argument 0', `of size ${total} on axis ${axis}`, x);
    return sizes.map((size) => ({ dtype: x.dtype, shape: x.shape.with(axis, size) }));
  },
  emit: (context, node) =>
    context.node(
      'Split',
      [context.name(argument(node.inputs, 0)), context.int64(node.attributes.sizes)],
      node.outputs.map(context.name),
      { axis: node.attributes.axis },
    ),
  gradient: (gradients, { outputs, attributes }) => [
    concat(
      outputs.map((output, index) => gradients[index] ?? zeros(output)),
      attributes.axis,
    ),
  ],
  evaluate: (inputs, { axis, sizes }) => {
    const x = argument(inputs, 0);
    const inner = sizeOf(x.shape.slice(axis + 1));
    const width = at(x.shape, axis) * inner;
    let offset = 0;
    return sizes.map((size) => {
      const start = offset * inner;
      offset += size;
      const span = size * inner;
      return ndarray(x.shape.with(axis, size), (flat) =>
        at(x.data, Math.floor(flat / span) * width + start + (flat % span)),
      );
    });
  },
};

export const concatRule: OpRule<'concat'> = {
  name: 'concat',
  infer: (inputs, { axis }) => {
    const first = argument(inputs, 0);
    let total = 0;
    for (const [index, x] of inputs.entries()) {
      const agrees = x.shape.length === first.shape.length && x.dtype === first.dtype;
      const fits = agrees && x.shape.every((size, other) => other === axis || size === first.shape[other]);
      expectType(fits, 'concat', `argument ${index}`, `like [${first.shape}] except on axis ${axis}`, x);
      total += at(x.shape, axis);
    }
    return [{ dtype: first.dtype, shape: first.shape.with(axis, total) }];
  },
  emit: (context, node) =>
    context.node('Concat', node.inputs.map(context.name), node.outputs.map(context.name), {
      axis: node.attributes.axis,
    }),
  gradient: ([dy], { inputs, attributes: { axis } }) =>
    dy
      ? split(
          dy,
          inputs.map((x) => at(x.shape, axis)),
          axis,
        )
      : [],
  evaluate: (inputs, { axis }) => {
    const first = argument(inputs, 0);
    const inner = sizeOf(first.shape.slice(axis + 1));
    const spans = inputs.map((x) => at(x.shape, axis) * inner);
    const width = spans.reduce((sum, span) => sum + span, 0);
    return [
      ndarray(first.shape.with(axis, width / inner), (flat) => {
        let column = flat % width;
        let source = 0;
        while (column >= at(spans, source)) column -= at(spans, source++);
        return at(argument(inputs, source).data, Math.floor(flat / width) * at(spans, source) + column);
      }),
    ];
  },
};

export const expandRule: OpRule<'expand'> = {
  name: 'expand',
  infer: (inputs, { shape }) => {
    const x = argument(inputs, 0);
    const offset = shape.length - x.shape.length;
    const fits = offset >= 0 && x.shape.every((size, axis) => size === 1 || size === shape[axis + offset]);
    expectType(fits, 'expand', 'argument 0', `broadcastable to [${shape}]`, x);
    return [{ dtype: x.dtype, shape }];
  },
  emit: (context, node) =>
    context.node(
      'Expand',
      [context.name(argument(node.inputs, 0)), context.int64(node.attributes.shape)],
      node.outputs.map(context.name),
    ),
  gradient: ([dy], { inputs }) => [dy && sumToShape(dy, argument(inputs, 0).shape)],
  evaluate: (inputs, { shape }) => {
    const x = argument(inputs, 0);
    const index = broadcastIndex(x.shape, shape);
    return [ndarray(shape, (flat) => at(x.data, index(flat)))];
  },
};

export const reduceSumRule: OpRule<'reduceSum'> = {
  name: 'reduceSum',
  infer: (inputs, { axes, keepDims }) => {
    const x = argument(inputs, 0);
    const inRange = axes.every((axis) => axis >= 0 && axis < x.shape.length);
    expectType(x.dtype === 'float32' && inRange, 'reduceSum', 'argument 0', `f32 with axes [${axes}]`, x);
    return [{ dtype: x.dtype, shape: reducedShape(x.shape, axes, keepDims) }];
  },
  emit: (context, node) => {
    const { axes, keepDims } = node.attributes;
    const x = argument(node.inputs, 0);
    const outputs = node.outputs.map(context.name);
    if (x.shape.length === 2 && axes.length === 1 && axes[0] === 0) {
      // A row of ones times x: half the time of ReduceSum, which goes through memory against its grain.
      const rows = at(x.shape, 0);
      context.node('MatMul', [context.ones(keepDims ? [1, rows] : [rows]), context.name(x)], outputs);
    } else emitReduceSum(context, node);
  },
  emitPortable: (context, node) => emitReduceSum(context, node),
  gradient: ([dy], { inputs, attributes: { axes } }) => {
    const x = argument(inputs, 0);
    return [dy && expand(reshape(dy, reducedShape(x.shape, axes, true)), x.shape)];
  },
  evaluate: (inputs, { axes, keepDims }) => {
    const x = argument(inputs, 0);
    return [{ shape: reducedShape(x.shape, axes, keepDims), data: sumOver(x, axes).data }];
  },
};

function emitReduceSum(context: EmitContext, { inputs, outputs, attributes }: OpNode<'reduceSum'>): void {
  const { axes, keepDims } = attributes;
  context.node(
    'ReduceSum',
    [context.name(argument(inputs, 0)), context.int64(axes)],
    outputs.map(context.name),
    {
      keepdims: Number(keepDims),
    },
  );
}

function reducedShape(shape: Shape, axes: readonly number[], keepDims: boolean): Shape {
  return keepDims
    ? shape.map((size, axis) => (axes.includes(axis) ? 1 : size))
    : shape.filter((_, axis) => !axes.includes(axis));
}

/** The same elements in another shape; one dimension may be -1 and is then computed. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  const known = sizeOf(shape.filter((size) => size !== -1));
  const resolved = shape.map((size) => (size === -1 ? sizeOf(x.shape) / known : size));
  return applyOne(reshapeRule, [x], { shape: resolved });
}

/** Permutes axes: output axis i is input axis permutation[i]. */
export function transpose(x: Tensor, permutation: readonly number[]): Tensor {
  return applyOne(transposeRule, [x], { permutation });
}

/** Cuts a tensor along one axis into pieces of the given sizes; what has just been joined so comes apart for nothing. */
export function split(x: Tensor, sizes: readonly number[], axis: number): readonly Tensor[] {
  const attributes = { axis: resolveAxis(axis, x.shape.length), sizes };
  const joined = joinedFrom(x, attributes.axis);
  if (
    joined &&
    sameShape(
      joined.map((part) => at(part.shape, attributes.axis)),
      sizes,
    )
  )
    return joined;
  return x.node.graph.apply(splitRule, [x], attributes);
}

/** The tensors that `x` is a concatenation of along an axis. */
function joinedFrom(x: Tensor, axis: number): readonly Tensor[] | undefined {
  const { rule, attributes, inputs } = x.node;
  const isJoined = rule.name === 'concat' && (attributes as OpAttributes['concat']).axis === axis;
  return isJoined ? inputs : undefined;
}

/** Joins tensors along one axis. */
export function concat(parts: readonly Tensor[], axis: number): Tensor {
  const first = argument(parts, 0);
  return applyOne(concatRule, [first, ...parts.slice(1)], { axis: resolveAxis(axis, first.shape.length) });
}

/** Broadcasts to a shape. */
export function expand(x: Tensor, shape: Shape): Tensor {
  return applyOne(expandRule, [x], { shape });
}

/** Sum over axes (negative ones count from the end). */
export function reduceSum(x: Tensor, axes: readonly number[], keepDims = false): Tensor {
  return applyOne(reduceSumRule, [x], {
    axes: axes.map((axis) => resolveAxis(axis, x.shape.length)),
    keepDims,
  });
}

/** Undoes broadcasting: sums `x` over the axes along which something of `shape` was stretched. */
export function sumToShape(x: Tensor, shape: Shape): Tensor {
  const offset = x.shape.length - shape.length;
  const axes = x.shape.flatMap((size, axis) =>
    axis < offset || (shape[axis - offset] === 1 && size !== 1) ? [axis] : [],
  );
  return axes.length === 0 ? x : reshape(reduceSum(x, axes, true), shape);
}

/** Zeros of the type of another tensor. */
function zeros(like: Tensor): Tensor {
  return expand(constant(like.node.graph, Float32Array.of(0), []), like.shape);
}
