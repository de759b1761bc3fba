/** Largest finite value of IEEE half precision. */
export const LARGEST_FLOAT16 = 65_504;

const word = new DataView(new ArrayBuffer(4));

/** Bits of the half-precision number nearest to a value, ties to even; beyond the largest it is infinity. */
function toFloat16(value: number): number {
  word.setFloat32(0, value);
  const bits = word.getUint32(0);
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fff_ffff;
  if (magnitude > 0x7f80_0000) return sign | 0x7e00; // not a number
  if (magnitude >= 0x477f_f000) return sign | 0x7c00; // rounds to infinity
  if (magnitude < 0x3880_0000) {
    // Subnormal: a multiple of 2^-24.
    word.setUint32(0, magnitude);
    return sign | roundToEven(word.getFloat32(0) * 2 ** 24);
  }
  const odd = (magnitude >>> 13) & 1;
  return sign | ((magnitude - 0x3800_0000 + 0x0fff + odd) >>> 13);
}

function roundToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** Float32 as half precision, each value's bits: IEEE 754, nearest, ties to even. */
export function narrowToFloat16(data: Float32Array): Uint16Array {
  return Uint16Array.from(data, toFloat16);
}
