import { FormatError } from '../core/index.js';

/** Typed arrays that hold the values of a safetensors tensor, one to one with its bytes. */
export type TensorData =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array;

/** What makes a typed array over bytes. */
export interface TensorDataConstructor {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): TensorData;
}

/**
 * The array type that holds each dtype. An array is written as the first dtype that it can hold, so BOOL (one byte,
 * 0 or 1) and the 16-bit floats (raw bits; see `widenFloat16`) come last.
 */
export const SAFETENSORS_ARRAYS = {
  F64: Float64Array,
  F32: Float32Array,
  I64: BigInt64Array,
  I32: Int32Array,
  I16: Int16Array,
  I8: Int8Array,
  U64: BigUint64Array,
  U32: Uint32Array,
  U16: Uint16Array,
  U8: Uint8Array,
  BOOL: Uint8Array,
  F16: Uint16Array,
  BF16: Uint16Array,
} as const satisfies Record<string, TensorDataConstructor>;

/** The dtypes of the format that Lacuna reads. */
export type SafetensorsDType = keyof typeof SAFETENSORS_ARRAYS;

const DTYPES = Object.keys(SAFETENSORS_ARRAYS) as SafetensorsDType[];

/** The dtype of that name; throws a FormatError that lists the known ones. */
export function parseDType(name: unknown, where: string): SafetensorsDType {
  const dtype = DTYPES.find((known) => known === name);
  if (dtype) return dtype;
  throw new FormatError(`${where}: expected dtype ${DTYPES.join(', ')}, got ${JSON.stringify(name)}`);
}

/** The dtype that an array is written as. */
export function dtypeOf(data: TensorData): SafetensorsDType {
  return DTYPES.find((dtype) => data instanceof SAFETENSORS_ARRAYS[dtype]) as SafetensorsDType;
}

/** IEEE 754 binary16, as raw bits, to float32; exact. */
export function widenFloat16(bits: Uint16Array): Float32Array {
  return Float32Array.from(bits, (half) => {
    const sign = half & 0x8000 ? -1 : 1;
    const exponent = (half >>> 10) & 0x1f;
    const fraction = half & 0x3ff;
    if (exponent === 0) return sign * fraction * 2 ** -24;
    if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
    return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  });
}

/** bfloat16, as raw bits, to float32; exact, because it is the upper half of a float32. */
export function widenBfloat16(bits: Uint16Array): Float32Array {
  return new Float32Array(Uint32Array.from(bits, (upper) => upper << 16).buffer);
}
