const MAGIC = '\u0093NUMPY\u0001\u0000';
const ALIGNMENT = 64;

/** The header of a NumPy .npy file (format version 1.0) for f32[rows, width] in C order; the numbers follow it. */
export function npyHeader(rows: number, width: number): Uint8Array {
  const dictionary = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${width}), }`;
  const padding = ALIGNMENT - ((MAGIC.length + 2 + dictionary.length + 1) % ALIGNMENT);
  const text = `${dictionary}${' '.repeat(padding)}\n`;
  const bytes = new Uint8Array(MAGIC.length + 2 + text.length);
  bytes.set(Buffer.from(MAGIC, 'latin1'));
  new DataView(bytes.buffer).setUint16(MAGIC.length, text.length, true);
  bytes.set(Buffer.from(text, 'latin1'), MAGIC.length + 2);
  return bytes;
}
