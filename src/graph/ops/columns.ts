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
import { at, ndarray } from '../ndarray.js';
import { sub } from './elementwise.js';

function expectColumns(op: OpName, table: TensorType, columns: TensorType): void {
  expectType(table.dtype === 'float32' && table.shape.length === 2, op, 'the table', 'f32[M, V]', table);
  const rows = at(table.shape, 0);
  const fits = columns.dtype === 'int32' && columns.shape.length === 2 && at(columns.shape, 0) === rows;
  expectType(fits, op, 'the columns', `i32[${rows}, K]`, columns);
}

/** K values of each row, wherever they stand in it: f32[M, V] and columns i32[M, K] to f32[M, K]. */
export const gatherColumnsRule: OpRule<'gatherColumns'> = {
  name: 'gatherColumns',
  infer: (inputs) => {
    expectColumns('gatherColumns', argument(inputs, 0), argument(inputs, 1));
    return [{ dtype: 'float32', shape: argument(inputs, 1).shape }];
  },
  emit: (context, node) =>
    context.node('GatherElements', node.inputs.map(context.name), node.outputs.map(context.name), {
      axis: 1,
    }),
  gradient: ([dy], { inputs }) => {
    const table = argument(inputs, 0);
    // Zeros of the table's shape, without a constant of that size.
    return [dy && scatterAddColumns(dy, argument(inputs, 1), sub(table, table))];
  },
  evaluate: (inputs) => {
    const table = argument(inputs, 0);
    const columns = argument(inputs, 1);
    const [V, K] = [at(table.shape, 1), at(columns.shape, 1)];
    return [
      ndarray(columns.shape, (flat) => at(table.data, Math.floor(flat / K) * V + at(columns.data, flat))),
    ];
  },
};

/** Adds K values to each row at columns i32[M, K], repeated ones too: values f32[M, K] onto f32[M, V]. */
export const scatterAddColumnsRule: OpRule<'scatterAddColumns'> = {
  name: 'scatterAddColumns',
  infer: (inputs) => {
    const [values, columns, table] = [0, 1, 2].map((index) => argument(inputs, index)) as [
      TensorType,
      TensorType,
      TensorType,
    ];
    expectColumns('scatterAddColumns', table, columns);
    const fits = values.dtype === 'float32' && sameShape(values.shape, columns.shape);
    expectType(fits, 'scatterAddColumns', 'the values', `f32[${columns.shape}]`, values);
    return [table];
  },
  emit: (context, node) => {
    const [values, columns, table] = node.inputs.map(context.name) as [string, string, string];
    const attributes = { axis: 1, reduction: 'add' };
    context.node('ScatterElements', [table, columns, values], node.outputs.map(context.name), attributes);
  },
  gradient: ([dy], { inputs }) => [dy && gatherColumns(dy, argument(inputs, 1)), undefined, dy],
  evaluate: (inputs) => {
    const [values, columns, table] = [0, 1, 2].map((index) => argument(inputs, index));
    const [V, K] = [at(table?.shape ?? [], 1), at(columns?.shape ?? [], 1)];
    const data = Float64Array.from(table?.data ?? []);
    for (const [flat, value] of values?.data.entries() ?? []) {
      const target = Math.floor(flat / K) * V + at(columns?.data ?? [], flat);
      data[target] = at(data, target) + value;
    }
    return [{ shape: table?.shape ?? [], data }];
  },
};

/** Values of a table at some columns of each row; see `gatherColumnsRule`. */
export function gatherColumns(table: Tensor, columns: Tensor): Tensor {
  return applyOne(gatherColumnsRule, [table, columns], {});
}

/** A table with values added at some columns of each row; see `scatterAddColumnsRule`. */
export function scatterAddColumns(values: Tensor, columns: Tensor, table: Tensor): Tensor {
  return applyOne(scatterAddColumnsRule, [values, columns, table], {});
}
