import type { ByteReader } from './byte-reader.js';
import { ParquetError } from './parquet-error.js';

/** Values of a page at most: the lengths of all of them are held. */
const MOST_VALUES = 1 << 24;
const MOST_BLOCK = 1 << 16;
/** A number of seven bits a byte takes at most. */
const MOST_VARINT_BYTES = 10;

/** Reads as many numbers as are said, packed as differences (DELTA_BINARY_PACKED). Throws a ParquetError for what is none. */
export async function readDeltas(bytes: ByteReader, mostValues: number): Promise<Int32Array> {
  const varint = async () => {
    if (!bytes.has(MOST_VARINT_BYTES)) await bytes.fill(MOST_VARINT_BYTES);
    return bytes.varint();
  };
  const blockSize = await varint();
  const miniblocks = await varint();
  const count = await varint();
  const size = blockSize / miniblocks;
  if (!(blockSize <= MOST_BLOCK && miniblocks > 0 && size > 0 && size % 8 === 0)) {
    throw new ParquetError(`has differences in blocks of ${blockSize} in ${miniblocks} parts`);
  }
  if (count > Math.min(mostValues, MOST_VALUES)) {
    throw new ParquetError(`has ${count} lengths for at most ${Math.min(mostValues, MOST_VALUES)} values`);
  }
  const values = new Int32Array(count);
  let value = signed(await varint());
  if (count > 0) values[0] = value;
  for (let index = 1; index < count; ) {
    const least = signed(await varint());
    await bytes.need(miniblocks);
    const widths = Uint8Array.from(bytes.take(miniblocks));
    for (const width of widths) {
      // Parts that hold no values are not written.
      if (index >= count) break;
      if (width > 32) throw new ParquetError(`has lengths of ${width} bits`);
      await bytes.need((size * width) / 8);
      const packed = bytes.take((size * width) / 8);
      const end = Math.min(count, index + size);
      for (let first = index; index < end; index++) {
        value = (value + least + bitsAt(packed, (index - first) * width, width)) | 0;
        values[index] = value;
      }
    }
  }
  return values;
}

/** Whole numbers alternate between the signs (zigzag); of what is more than 32 bits, the rest wraps. */
const signed = (value: number) => (value % 2 === 0 ? value / 2 : -(value + 1) / 2);

function bitsAt(packed: Buffer, start: number, width: number): number {
  let value = 0;
  for (let bit = 0; bit < width; ) {
    const at = start + bit;
    const taken = Math.min(8 - (at & 7), width - bit);
    value += (((packed[at >> 3] ?? 0) >> (at & 7)) & ((1 << taken) - 1)) * 2 ** bit;
    bit += taken;
  }
  return value;
}
