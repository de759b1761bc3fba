import { type DType, formatType, type Shape, ShapeError, sizeOf } from '../../core/index.js';
import {
  applyOne,
  argument,
  type ConstantData,
  expectType,
  type Graph,
  type NotDifferentiable,
  type OpRule,
  type Tensor,
} from '../graph.js';

const isSource: NotDifferentiable = { notDifferentiable: 'a source has no inputs' };

/** A value fed from outside: data, parameters, optimizer state. */
export const inputRule: OpRule<'input'> = {
  name: 'input',
  infer: (_, attributes) => [attributes.type],
  emit: () => undefined,
  gradient: isSource,
  evaluate: (_, attributes) => {
    throw new ShapeError(`input '${attributes.name}' was given no value`);
  },
};

/** A value known while the graph is built. */
export const constantRule: OpRule<'constant'> = {
  name: 'constant',
  infer: (_, { data, shape }) => {
    const dtype = data instanceof Int32Array ? 'int32' : 'float32';
    if (data.length !== sizeOf(shape)) {
      throw new ShapeError(
        `constant: ${formatType(dtype, shape)} needs ${sizeOf(shape)} values, got ${data.length}`,
      );
    }
    return [{ dtype, shape }];
  },
  emit: () => undefined,
  gradient: isSource,
  evaluate: (_, { data, shape }) => [{ shape, data: Float64Array.from(data) }],
};

/** Declares a graph input. */
export function input(graph: Graph, name: string, dtype: DType, shape: Shape): Tensor {
  graph.claimInputName(name);
  return graph.apply(inputRule, [], { name, type: { dtype, shape } })[0] as Tensor;
}

/** A constant tensor: f32 from a Float32Array, i32 from an Int32Array. */
export function constant(graph: Graph, data: ConstantData, shape: Shape): Tensor {
  return graph.apply(constantRule, [], { data, shape })[0] as Tensor;
}

/** A constant f32 scalar. */
export function scalar(graph: Graph, value: number): Tensor {
  return constant(graph, Float32Array.of(value), []);
}

/** The identity, with no gradient flowing back through it. */
export const stopGradientRule: OpRule<'stopGradient'> = {
  name: 'stopGradient',
  infer: (inputs) => [argument(inputs, 0)],
  emit: (context, node) =>
    context.node('Identity', node.inputs.map(context.name), node.outputs.map(context.name)),
  gradient: { notDifferentiable: 'it is there to stop gradients' },
  evaluate: (inputs) => [argument(inputs, 0)],
};

/** The same values, treated as a constant by autodiff. */
export function stopGradient(x: Tensor): Tensor {
  return applyOne(stopGradientRule, [x], {});
}

/**
 * The values of x f32, which are not there before those of f32 `earlier`. It is more than an identity, so that no back end
 * merges what follows from it with what follows from x; where `earlier` begins with no finite number the result is NaN.
 */
export const afterRule: OpRule<'after'> = {
  name: 'after',
  infer: (inputs) => {
    for (const [index, name] of ['argument 0', 'the earlier tensor'].entries()) {
      const tensor = argument(inputs, index);
      expectType(
        tensor.dtype === 'float32' && sizeOf(tensor.shape) > 0,
        'after',
        name,
        'f32, not empty',
        tensor,
      );
    }
    return [argument(inputs, 0)];
  },
  emit: (context, node) => {
    const [x, earlier] = node.inputs.map(context.name) as [string, string];
    const rank = argument(node.inputs, 1).shape.length;
    const [cell, number, nothing] = ['cell', 'number', 'nothing'].map(context.fresh) as [
      string,
      string,
      string,
    ];
    const bounds = [0, 1].map((bound) => context.int64(Array.from({ length: rank }, () => bound)));
    if (rank > 0) context.node('Slice', [earlier, ...bounds], [cell]);
    context.node('Reshape', [rank > 0 ? cell : earlier, context.int64([])], [number]);
    context.node('Mul', [number, context.float(0)], [nothing]);
    context.node('Add', [x, nothing], node.outputs.map(context.name));
  },
  gradient: { notDifferentiable: 'it orders what the backward pass computes anew' },
  evaluate: (inputs) => [argument(inputs, 0)],
};

/** The same values, computed no sooner than `earlier`; see `afterRule`. */
export function after(x: Tensor, earlier: Tensor): Tensor {
  return applyOne(afterRule, [x, earlier], {});
}
