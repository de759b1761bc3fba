import { sizeOf } from '../../core/index.js';
import { applyOne, argument, expectType, type OpRule, type Tensor } from '../graph.js';
import { at } from '../ndarray.js';

/** An end of a slice that lies beyond every sequence. A prime, so that no export takes it for a product of sizes. */
const THE_END = 2 ** 31 - 1;

/** Moves sequences f32[B, T, H] along T: position t gets what was at t + offset, and zeros where that is outside. */
export const shiftRule: OpRule<'shift'> = {
  name: 'shift',
  infer: (inputs, { offset }) => {
    const x = argument(inputs, 0);
    const fits = x.dtype === 'float32' && x.shape.length === 3 && Math.abs(offset) < at(x.shape, 1);
    expectType(fits, 'shift', 'argument 0', `f32[B, T, H] with T above ${Math.abs(offset)}`, x);
    return [{ dtype: 'float32', shape: x.shape }];
  },
  emit: (context, node) => {
    const { offset } = node.attributes;
    const x = context.name(argument(node.inputs, 0));
    const kept = context.fresh('kept');
    const [start, end] = offset < 0 ? [0, offset] : [offset, THE_END];
    const [before, after] = offset < 0 ? [-offset, 0] : [0, offset];
    context.node('Slice', [x, context.int64([start]), context.int64([end]), context.int64([1])], [kept]);
    context.node('Pad', [kept, context.int64([0, before, 0, 0, after, 0])], node.outputs.map(context.name));
  },
  gradient: ([dy], { attributes: { offset } }) => [dy && shift(dy, -offset)],
  evaluate: (inputs, { offset }) => {
    const { shape, data } = argument(inputs, 0);
    const [, T, H] = shape as readonly [number, number, number];
    const moved = new Float64Array(sizeOf(shape));
    for (let flat = 0; flat < moved.length; flat++) {
      const from = (Math.floor(flat / H) % T) + offset;
      if (from >= 0 && from < T) moved[flat] = at(data, flat + offset * H);
    }
    return [{ shape, data: moved }];
  },
};

/** Sequences f32[B, T, H] moved along T; see `shiftRule`. */
export function shift(x: Tensor, offset: number): Tensor {
  return applyOne(shiftRule, [x], { offset });
}
