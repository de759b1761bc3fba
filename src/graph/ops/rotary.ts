import { sameShape } from '../../core/index.js';
import { ONNX_DTYPE } from '../../formats/index.js';
import {
  applyOne,
  argument,
  type EmitContext,
  expectType,
  type NdArray,
  type OpNode,
  type OpRule,
  type Tensor,
} from '../graph.js';
import { at, ndarray } from '../ndarray.js';

/**
 * Rotary position embedding (Su et al. 2021, eq. 34, the rotate-half layout of GPT-NeoX): x f32[B, A, Q, D] with
 * cos and sin f32[T, D/2]. The rows of x are those of the positions 0 .. Q - 1 = T - 1, or of `places` i32[B, Q].
 * `inverse` rotates by the opposite angle, which is also the gradient.
 */
export const rotaryRule: OpRule<'rotary'> = {
  name: 'rotary',
  infer: (inputs) => {
    const x = argument(inputs, 0);
    expectType(x.dtype === 'float32' && x.shape.length === 4, 'rotary', 'argument 0', 'f32[B, A, Q, D]', x);
    const places = inputs[3];
    const rows = [at(x.shape, 0), at(x.shape, 2)];
    const fits = !places || (places.dtype === 'int32' && sameShape(places.shape, rows));
    expectType(fits, 'rotary', 'places', `i32[${rows}]`, places ?? x);
    const length = places ? at(argument(inputs, 1).shape, 0) : at(x.shape, 2);
    const angles = [length, at(x.shape, 3) / 2];
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
    const [x, cos, sin] = node.inputs.map(context.name) as [string, string, string];
    const angle = node.attributes.inverse ? context.fresh('inverse_sin') : sin;
    if (node.attributes.inverse) context.node('Neg', [sin], [angle]);
    context.node(
      'RotaryEmbedding',
      [x, cos, angle, positionIds(context, node)],
      node.outputs.map(context.name),
    );
  },
  emitPortable: (context, node) => {
    const [batch, , length, width] = argument(node.inputs, 0).shape as readonly [
      number,
      number,
      number,
      number,
    ];
    const [x, cos, sin, places] = node.inputs.map(context.name) as [
      string,
      string,
      string,
      string | undefined,
    ];
    const half = width / 2;
    const [first, second] = ['first_half', 'second_half'].map(context.fresh) as [string, string];
    context.node('Split', [x, context.int64([half, half])], [first, second], { axis: 3 });
    const chosen = (table: string): string => {
      if (!places) return table;
      const [rows, angles] = [context.fresh('rows'), context.fresh('angles')];
      context.node('Gather', [table, places], [rows], { axis: 0 });
      context.node('Reshape', [rows, context.int64([batch, 1, length, half])], [angles]);
      return angles;
    };
    const [cosines, sines] = [chosen(cos), chosen(sin)];
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
      combined(product(first, cosines), product(second, sines), inverse),
      combined(product(second, cosines), product(first, sines), !inverse),
    ];
    context.node('Concat', turned, node.outputs.map(context.name), { axis: 3 });
  },
  gradient: ([dy], { inputs, attributes }) => {
    const [, cos, sin, places] = inputs as [Tensor, Tensor, Tensor, Tensor | undefined];
    return [dy && turn(dy, cos, sin, places, !attributes.inverse)];
  },
  evaluate: (inputs, { inverse }) => [rotateArray(inputs, inverse ? -1 : 1)],
};

/** i64[B, Q], the position of every row. */
function positionIds(context: EmitContext, node: OpNode<'rotary'>): string {
  const places = node.inputs[3];
  if (places) {
    const ids = context.fresh('position_ids');
    context.node('Cast', [context.name(places)], [ids], { to: ONNX_DTYPE.int64 });
    return ids;
  }
  const [batch, , length] = argument(node.inputs, 0).shape as readonly [number, number, number, number];
  const positions = Array.from({ length: batch * length }, (_, index) => index % length);
  return context.int64(positions, [batch, length]);
}

function rotateArray(inputs: readonly NdArray[], sign: number): NdArray {
  const [x, cos, sin] = [argument(inputs, 0), argument(inputs, 1), argument(inputs, 2)];
  const places = inputs[3]?.data;
  const [, heads, length, width] = x.shape as readonly [number, number, number, number];
  const half = width / 2;
  return ndarray(x.shape, (flat) => {
    const column = flat % width;
    const row = Math.floor(flat / width) % length;
    const sequence = Math.floor(flat / (width * length * heads));
    const angle = (places ? at(places, sequence * length + row) : row) * half + (column % half);
    const isFirst = column < half;
    const partner = at(x.data, isFirst ? flat + half : flat - half);
    return at(x.data, flat) * at(cos.data, angle) + (isFirst ? -1 : 1) * sign * partner * at(sin.data, angle);
  });
}

function turn(x: Tensor, cos: Tensor, sin: Tensor, places: Tensor | undefined, inverse: boolean): Tensor {
  return applyOne(rotaryRule, places ? [x, cos, sin, places] : [x, cos, sin], { inverse });
}

/** How rows are rotated. */
export interface Rotation {
  /** i32[B, Q], the positions of the rows; 0 .. T - 1 without it. */
  readonly places?: Tensor | undefined;
  /** By the opposite angle. */
  readonly inverse?: boolean;
}

/** Rotates pairs of channels by the angles of their positions; see `rotaryRule`. */
export function rotary(
  x: Tensor,
  cos: Tensor,
  sin: Tensor,
  { places, inverse = false }: Rotation = {},
): Tensor {
  return turn(x, cos, sin, places, inverse);
}
