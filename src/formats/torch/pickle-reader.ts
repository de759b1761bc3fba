import { FormatError } from '../../core/index.js';

/** Largest integer of a LONG opcode, in bytes. */
const MAX_LONG_BYTES = 8;

/** Bytes of a pickle, read from front to back; every read is checked. */
export class PickleReader {
  private readonly view: DataView;
  position: number;

  constructor(
    private readonly bytes: Uint8Array,
    readonly where: string,
    start = 0,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.position = start;
  }

  /** Throws a FormatError at the present place. */
  fail(problem: string): never {
    throw new FormatError(`${this.where}: pickle byte ${this.position}: ${problem}`);
  }

  private advance(count: number): number {
    const start = this.position;
    if (count < 0 || start + count > this.bytes.length) {
      this.fail(`expected ${count} bytes more, ${this.bytes.length - start} are left`);
    }
    this.position += count;
    return start;
  }

  uint8(): number {
    return this.view.getUint8(this.advance(1));
  }

  uint16(): number {
    return this.view.getUint16(this.advance(2), true);
  }

  uint32(): number {
    return this.view.getUint32(this.advance(4), true);
  }

  int32(): number {
    return this.view.getInt32(this.advance(4), true);
  }

  /** An unsigned size of eight bytes. */
  size64(): number {
    const size = this.view.getBigUint64(this.advance(8), true);
    return size <= BigInt(this.bytes.length) ? Number(size) : this.fail(`a size of ${size} bytes`);
  }

  float64(): number {
    return this.view.getFloat64(this.advance(8), false);
  }

  take(count: number): Uint8Array {
    const start = this.advance(count);
    return this.bytes.subarray(start, start + count);
  }

  text(count: number): string {
    return new TextDecoder('utf-8').decode(this.take(count));
  }

  /** Text up to the next line feed, which is passed over. */
  line(): string {
    const end = this.bytes.indexOf(0x0a, this.position);
    if (end === -1) return this.fail('expected a line, found no end of it');
    const line = this.text(end - this.position);
    this.position++;
    return line;
  }

  /** A signed integer of `count` bytes, little-endian. */
  long(count: number): number {
    if (count > MAX_LONG_BYTES) return this.fail(`an integer of ${count} bytes, at most ${MAX_LONG_BYTES}`);
    const value = this.take(count).reduce(
      (sum, byte, index) => sum + (BigInt(byte) << BigInt(8 * index)),
      0n,
    );
    return Number(BigInt.asIntN(8 * count, value));
  }

  /** A decimal integer on a line of its own, with or without Python 2's `L`. */
  decimal(): number {
    const line = this.line().replace(/L$/, '');
    const value = Number(line);
    return line !== '' && Number.isFinite(value) ? value : this.fail(`expected a number, got '${line}'`);
  }
}
