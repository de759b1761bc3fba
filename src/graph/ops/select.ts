import { type DType, sameShape, sizeOf } from '../../core/index.js';
import { ONNX_DTYPE } from '../../formats/index.js';
import { applyOne, argument, expectType, type OpAttributes, type OpRule, type Tensor } from '../graph.js';
import { at, mapArray, ndarray, zipArrays } from '../ndarray.js';
import { add, mul, scale } from './elementwise.js';
import { reshape } from './layout.js';

/** Rows of f32[R, ...] at i32[...]: an embedding look-up, f32[..., H] from f32[R, H]. */
export const gatherRowsRule: OpRule<'gatherRows'> = {
  name: 'gatherRows',
  infer: (inputs) => {
    const table = argument(inputs, 0);
    const ids = argument(inputs, 1);
    expectType(
      table.dtype === 'float32' && table.shape.length === 2,
      'gatherRows',
      'the table',
      'f32[rows, width]',
      table,
    );
    expectType(ids.dtype === 'int32', 'gatherRows', 'the ids', 'i32', ids);
    return [{ dtype: 'float32', shape: [...ids.shape, at(table.shape, 1)] }];
  },
  emit: (context, node) =>
    context.node('Gather', node.inputs.map(context.name), node.outputs.map(context.name), { axis: 0 }),
  gradient: ([dy], { inputs }) => {
    const table = argument(inputs, 0);
    return [dy && scatterAddRows(dy, argument(inputs, 1), at(table.shape, 0))];
  },
  evaluate: (inputs) => {
    const table = argument(inputs, 0);
    const ids = argument(inputs, 1);
    const width = at(table.shape, 1);
    return [
      ndarray([...ids.shape, width], (flat) => {
        return at(table.data, at(ids.data, Math.floor(flat / width)) * width + (flat % width));
      }),
    ];
  },
};

/**
 * Sums rows f32[..., H] into f32[rows, H] at i32[...], on top of an optional base f32[rows, H]; repeated ids add up. Emitted as ScatterElements, never as
 * ScatterND(add), which races when ids repeat (onnxruntime issues 18048, 23396).
 */
export const scatterAddRowsRule: OpRule<'scatterAddRows'> = {
  name: 'scatterAddRows',
  infer: (inputs, { rows }) => {
    const updates = argument(inputs, 0);
    const ids = argument(inputs, 1);
    const fits = updates.dtype === 'float32' && sameShape(updates.shape.slice(0, -1), ids.shape);
    expectType(fits, 'scatterAddRows', 'the updates', `f32[${ids.shape}, width]`, updates);
    expectType(ids.dtype === 'int32', 'scatterAddRows', 'the ids', 'i32', ids);
    const shape = [rows, at(updates.shape, updates.shape.length - 1)];
    const base = inputs[2];
    if (base) expectType(sameShape(base.shape, shape), 'scatterAddRows', 'the base', `f32[${shape}]`, base);
    return [{ dtype: 'float32', shape }];
  },
  emit: (context, node) => {
    const updates = argument(node.inputs, 0);
    const ids = argument(node.inputs, 1);
    const width = at(updates.shape, updates.shape.length - 1);
    const count = sizeOf(ids.shape);
    const base = node.inputs[2];
    const [flatUpdates, flatIds, wideIds, zeros] = ['updates', 'ids', 'wide_ids', 'zeros'].map(context.fresh);
    context.node('Reshape', [context.name(updates), context.int64([count, width])], [flatUpdates as string]);
    context.node('Reshape', [context.name(ids), context.int64([count, 1])], [flatIds as string]);
    context.node('Expand', [flatIds as string, context.int64([count, width])], [wideIds as string]);
    if (!base) {
      context.node(
        'Expand',
        [context.float(0), context.int64([node.attributes.rows, width])],
        [zeros as string],
      );
    }
    context.node(
      'ScatterElements',
      [base ? context.name(base) : (zeros as string), wideIds as string, flatUpdates as string],
      node.outputs.map(context.name),
      { axis: 0, reduction: 'add' },
    );
  },
  gradient: ([dy], { inputs }) => [dy && gatherRows(dy, argument(inputs, 1)), undefined, dy],
  evaluate: (inputs, { rows }) => {
    const updates = argument(inputs, 0);
    const ids = argument(inputs, 1);
    const width = at(updates.shape, updates.shape.length - 1);
    const data = Float64Array.from(inputs[2]?.data ?? new Float64Array(rows * width));
    for (let flat = 0; flat < updates.data.length; flat++) {
      const target = at(ids.data, Math.floor(flat / width)) * width + (flat % width);
      data[target] = at(data, target) + at(updates.data, flat);
    }
    return [{ shape: [rows, width], data }];
  },
};

/** The largest element along the last axis. ONNX Runtime passes over NaN. */
export const rowMaxRule: OpRule<'rowMax'> = {
  name: 'rowMax',
  infer: (inputs) => {
    const x = argument(inputs, 0);
    expectType(x.dtype === 'float32' && x.shape.length >= 1, 'rowMax', 'argument 0', 'f32 of rank >= 1', x);
    return [{ dtype: 'float32', shape: x.shape.slice(0, -1) }];
  },
  emit: (context, node) => {
    const [x] = node.inputs.map(context.name) as [string];
    context.node('ReduceMax', [x, context.int64([-1])], node.outputs.map(context.name), { keepdims: 0 });
  },
  // The operator set of models that leave has the axes as an attribute.
  emitPortable: (context, node) =>
    context.node('ReduceMax', node.inputs.map(context.name), node.outputs.map(context.name), {
      axes: [-1],
      keepdims: 0,
    }),
  gradient: { notDifferentiable: 'training takes no gradient of a maximum' },
  evaluate: (inputs) => {
    const x = argument(inputs, 0);
    const width = at(x.shape, x.shape.length - 1);
    const largest = (row: number) =>
      x.data.subarray(row * width, (row + 1) * width).reduce((a, b) => Math.max(a, b), -Infinity);
    return [ndarray(x.shape.slice(0, -1), largest)];
  },
};

/** a == b for i32 tensors of one shape. */
export const equalRule: OpRule<'equal'> = {
  name: 'equal',
  infer: (inputs) => {
    const a = argument(inputs, 0);
    const b = argument(inputs, 1);
    expectType(a.dtype === 'int32', 'equal', 'argument 0', 'i32', a);
    expectType(
      b.dtype === 'int32' && sameShape(a.shape, b.shape),
      'equal',
      'argument 1',
      `i32[${a.shape}]`,
      b,
    );
    return [{ dtype: 'bool', shape: a.shape }];
  },
  emit: (context, node) =>
    context.node('Equal', node.inputs.map(context.name), node.outputs.map(context.name)),
  gradient: { notDifferentiable: 'a comparison is piecewise constant' },
  evaluate: (inputs) => [zipArrays(argument(inputs, 0), argument(inputs, 1), (a, b) => Number(a === b))],
};

/** Conversion between dtypes (to integers by truncation). */
export const castRule: OpRule<'cast'> = {
  name: 'cast',
  infer: (inputs, { to }) => [{ dtype: to, shape: argument(inputs, 0).shape }],
  emit: (context, node) =>
    context.node('Cast', node.inputs.map(context.name), node.outputs.map(context.name), {
      to: ONNX_DTYPE[node.attributes.to],
    }),
  gradient: { notDifferentiable: 'used for integers and truth values only' },
  evaluate: (inputs, { to }) => [
    to === 'float32'
      ? argument(inputs, 0)
      : mapArray(argument(inputs, 0), to === 'bool' ? (x) => Number(x !== 0) : Math.trunc),
  ],
};

/** Sum of the squares of all elements, f32[]: one pass; NaN and infinity carry through. */
export const sumSquaresRule: OpRule<'sumSquares'> = {
  name: 'sumSquares',
  infer: (inputs) => {
    const x = argument(inputs, 0);
    expectType(x.dtype === 'float32', 'sumSquares', 'argument 0', 'f32', x);
    return [{ dtype: 'float32', shape: [] }];
  },
  emit: (context, node) =>
    context.node('ReduceSumSquare', node.inputs.map(context.name), node.outputs.map(context.name), {
      keepdims: 0,
    }),
  gradient: ([dy], { inputs }) => [dy && mul(scale(dy, 2), argument(inputs, 0))],
  evaluate: (inputs) => [
    { shape: [], data: Float64Array.of(argument(inputs, 0).data.reduce((s, x) => s + x * x, 0)) },
  ],
};

/** Rows of a table at the given ids; see `gatherRowsRule`. */
export function gatherRows(table: Tensor, ids: Tensor): Tensor {
  return applyOne(gatherRowsRule, [table, ids], {});
}

/** Sums rows into a table of `rows` rows, on top of `base` where there is one; see `scatterAddRowsRule`. */
export function scatterAddRows(updates: Tensor, ids: Tensor, rows: number, base?: Tensor): Tensor {
  return applyOne(scatterAddRowsRule, base ? [updates, ids, base] : [updates, ids], { rows });
}

/** a + b, where a table of scattered rows is scattered into the other term instead of into zeros. */
export function addScattered(a: Tensor, b: Tensor): Tensor {
  const { rule, attributes, inputs } = b.node;
  if (rule.name !== 'scatterAddRows' || inputs.length > 2) return add(a, b);
  const { rows } = attributes as OpAttributes['scatterAddRows'];
  return scatterAddRows(argument(inputs, 0), argument(inputs, 1), rows, a);
}

/** The largest element along the last axis. */
export function rowMax(x: Tensor): Tensor {
  return applyOne(rowMaxRule, [x], {});
}

/** Elementwise equality of i32 tensors. */
export function equal(a: Tensor, b: Tensor): Tensor {
  return applyOne(equalRule, [a, b], {});
}

/** Converts to another dtype. */
export function cast(x: Tensor, to: DType): Tensor {
  return applyOne(castRule, [x], { to });
}

/** Sum of squares of all elements. */
export function sumSquares(x: Tensor): Tensor {
  return applyOne(sumSquaresRule, [x], {});
}

/** All elements in one row: x reshaped to rank 1. */
export function flatten(x: Tensor): Tensor {
  return reshape(x, [sizeOf(x.shape)]);
}
