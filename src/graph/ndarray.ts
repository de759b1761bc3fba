import { broadcastShapes, type Shape, ShapeError, sizeOf, stridesOf } from '../core/index.js';
import type { NdArray } from './graph.js';

/** A float64 array of the given shape, filled by a function of the flat index. */
export function ndarray(shape: Shape, fill: (index: number) => number): NdArray {
  const data = new Float64Array(sizeOf(shape));
  for (let index = 0; index < data.length; index++) data[index] = fill(index);
  return { shape, data };
}

/** The element of `data` at `index`, which is in range by construction of the loops that call this. */
export function at(data: ArrayLike<number>, index: number): number {
  return data[index] as number;
}

/** Elementwise map. */
export function mapArray(x: NdArray, f: (value: number) => number): NdArray {
  return ndarray(x.shape, (index) => f(at(x.data, index)));
}

/** For every element of `target`, the flat index of the element of a `source` that broadcasts to it. */
export function broadcastIndex(source: Shape, target: Shape): (flat: number) => number {
  const targetStrides = stridesOf(target);
  const sourceStrides = stridesOf(source);
  const offset = target.length - source.length;
  return (flat) => {
    let index = 0;
    for (let axis = 0; axis < source.length; axis++) {
      const size = at(target, axis + offset);
      const coordinate = Math.floor(flat / at(targetStrides, axis + offset)) % size;
      if (source[axis] !== 1) index += coordinate * at(sourceStrides, axis);
    }
    return index;
  };
}

/** Elementwise function of two arrays that broadcast. */
export function zipArrays(a: NdArray, b: NdArray, f: (x: number, y: number) => number): NdArray {
  const shape = broadcastShapes(a.shape, b.shape);
  if (!shape) throw new ShapeError(`cannot broadcast [${a.shape}] with [${b.shape}]`);
  const indexA = broadcastIndex(a.shape, shape);
  const indexB = broadcastIndex(b.shape, shape);
  return ndarray(shape, (flat) => f(at(a.data, indexA(flat)), at(b.data, indexB(flat))));
}

/** Sum over the given axes; reduced axes keep size 1. */
export function sumOver(x: NdArray, axes: readonly number[]): NdArray {
  const shape = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const index = broadcastIndex(shape, x.shape);
  const data = new Float64Array(sizeOf(shape));
  for (let flat = 0; flat < x.data.length; flat++) {
    const target = index(flat);
    data[target] = at(data, target) + at(x.data, flat);
  }
  return { shape, data };
}

/** Permutes the axes. */
export function permuteAxes(x: NdArray, permutation: readonly number[]): NdArray {
  const shape = permutation.map((axis) => at(x.shape, axis));
  const outStrides = stridesOf(shape);
  const inStrides = stridesOf(x.shape);
  return ndarray(shape, (flat) => {
    let source = 0;
    for (const [axis, from] of permutation.entries()) {
      source += (Math.floor(flat / at(outStrides, axis)) % at(shape, axis)) * at(inStrides, from);
    }
    return at(x.data, source);
  });
}

/** Applies `f` to every row along the last axis; `f` writes into its second argument, of the same length. */
export function mapRows(x: NdArray, f: (row: Float64Array, out: Float64Array) => void): NdArray {
  const width = at(x.shape, x.shape.length - 1);
  const data = new Float64Array(x.data.length);
  for (let start = 0; start < data.length; start += width) {
    f(x.data.subarray(start, start + width), data.subarray(start, start + width));
  }
  return { shape: x.shape, data };
}

/** Softmax of one row, the largest element subtracted first. */
export function softmaxRow(row: Float64Array, out: Float64Array): void {
  const largest = row.reduce((a, b) => Math.max(a, b), -Infinity);
  let sum = 0;
  for (let column = 0; column < row.length; column++) {
    out[column] = Math.exp(at(row, column) - largest);
    sum += at(out, column);
  }
  for (let column = 0; column < row.length; column++) out[column] = at(out, column) / sum;
}
