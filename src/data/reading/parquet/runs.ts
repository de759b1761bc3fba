import type { ByteReader } from './byte-reader.js';
import { ParquetError } from './parquet-error.js';

/** Numbers of so many bits at most. */
const MOST_WIDTH = 32;
/** What the head of a run and its value, or eight packed values, take at most. */
const LOOK_AHEAD = 48;
const GROUP = 8;

/** Parquet's mixture of repeated and bit-packed numbers: levels, and places in a dictionary. */
export class RunReader {
  /** Values left of a repeated run, or of the group that is unpacked. */
  private left = 0;
  private isRepeated = true;
  private value = 0;
  /** Groups left of a packed run. */
  private groups = 0;
  private readonly group = new Float64Array(GROUP);

  /** Throws a ParquetError for a width that cannot be. */
  constructor(
    private readonly bytes: ByteReader,
    private readonly width: number,
  ) {
    if (width > MOST_WIDTH) throw new ParquetError(`has numbers of ${width} bits`);
  }

  /** The next number; at once where its bytes are at hand. Throws a ParquetError where there is none. */
  next(): number | Promise<number> {
    if (this.left === 0 && !this.bytes.has(LOOK_AHEAD)) {
      return this.bytes.fill(LOOK_AHEAD).then(() => this.take());
    }
    return this.take();
  }

  private take(): number {
    while (this.left === 0) this.advance();
    const index = GROUP - this.left--;
    return this.isRepeated ? this.value : (this.group[index] as number);
  }

  private advance(): void {
    if (this.groups > 0) {
      this.unpack();
      return;
    }
    const head = this.bytes.varint();
    this.isRepeated = head % 2 === 0;
    if (!this.isRepeated) {
      this.groups = (head - 1) / 2;
      return;
    }
    this.left = head / 2;
    this.value = 0;
    for (let bit = 0; bit < this.width; bit += 8) this.value += this.bytes.byte() * 2 ** bit;
  }

  private unpack(): void {
    const { bytes, width, group } = this;
    // Some writers leave out what would only be padding of the last group.
    const packed = bytes.take(Math.min(width, Math.max(1, bytes.available)));
    let [held, bits, at] = [0, 0, 0];
    for (let index = 0; index < GROUP; index++) {
      for (; bits < width; bits += 8) held += (packed[at++] ?? 0) * 2 ** bits;
      group[index] = held % 2 ** width;
      held = Math.floor(held / 2 ** width);
      bits -= width;
    }
    this.groups--;
    this.left = GROUP;
  }
}
