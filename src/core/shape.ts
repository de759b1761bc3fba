/** Element types of tensors. Ids are int32 because some back ends lack int64 kernels. */
export type DType = 'float32' | 'int32' | 'bool' | 'int64';

/** A fixed shape: one non-negative integer per axis; `[]` is a scalar. */
export type Shape = readonly number[];

/** Number of elements of a shape (1 for a scalar). */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}

/** `f32[2, 3]`: how a tensor's type is written in errors and docs. */
export function formatType(dtype: DType, shape: Shape): string {
  const short = { float32: 'f32', int32: 'i32', int64: 'i64', bool: 'bool' }[dtype];
  return `${short}[${shape.join(', ')}]`;
}

/** True when both shapes are the same, axis by axis. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dimension, axis) => dimension === b[axis]);
}

/** The shape two operands broadcast to by NumPy's rule, or undefined when they cannot. */
export function broadcastShapes(a: Shape, b: Shape): Shape | undefined {
  const rank = Math.max(a.length, b.length);
  const result: number[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const fromA = a[axis - rank + a.length] ?? 1;
    const fromB = b[axis - rank + b.length] ?? 1;
    if (fromA !== fromB && fromA !== 1 && fromB !== 1) return undefined;
    result.push(fromA === 1 ? fromB : fromA);
  }
  return result;
}

/** Row-major strides, in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) {
    strides[axis] = (strides[axis + 1] as number) * (shape[axis + 1] as number);
  }
  return strides;
}
