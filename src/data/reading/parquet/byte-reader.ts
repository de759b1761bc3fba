import { ParquetError } from './parquet-error.js';
import type { Stretch } from './stretch.js';

/** Takes a stream of bytes apart, holding one piece of it and what a caller asks for. */
export class ByteReader {
  private bytes: Buffer = Buffer.alloc(0);
  private at = 0;
  private before = 0;
  private isDone = false;
  private readonly pieces: AsyncIterator<Buffer>;

  /** @param size bytes that the stream has in all: more are never waited for */
  constructor(
    pieces: AsyncIterable<Buffer>,
    private readonly size: number,
  ) {
    this.pieces = pieces[Symbol.asyncIterator]();
  }

  static of(bytes: Buffer): ByteReader {
    return new ByteReader(
      (async function* () {
        yield bytes;
      })(),
      bytes.length,
    );
  }

  /** Bytes at hand. */
  get available(): number {
    return this.bytes.length - this.at;
  }

  /** Bytes to come, those at hand included. */
  get left(): number {
    return this.size - this.before - this.at;
  }

  /** Whether so many bytes are at hand, or all there are. */
  has(count: number): boolean {
    return this.available >= count || this.isDone;
  }

  /** Has so many bytes at hand, fewer only where the stream ends. */
  async fill(count: number): Promise<void> {
    const parts = [this.bytes.subarray(this.at)];
    let size = this.available;
    while (size < count && !this.isDone) {
      const { value, done } = await this.pieces.next();
      if (done) this.isDone = true;
      else {
        parts.push(value);
        size += value.length;
      }
    }
    this.before += this.at;
    this.at = 0;
    this.bytes = parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
  }

  /** Has so many bytes at hand. Throws a ParquetError where the stream has fewer. */
  async need(count: number): Promise<void> {
    if (count > this.left) throw this.tooShort();
    if (this.available < count) await this.fill(count);
    if (this.available < count) throw this.tooShort();
  }

  /** The next bytes, which are at hand; they stay what they are. Throws a ParquetError where they are not. */
  take(count: number): Buffer {
    if (count > this.available) throw this.tooShort();
    this.at += count;
    return this.bytes.subarray(this.at - count, this.at);
  }

  /** Lets `read` take of the bytes at hand what it will. */
  consume<Result>(read: (from: Stretch) => Result): Result {
    const from = { bytes: this.bytes, at: this.at, end: this.bytes.length };
    const result = read(from);
    this.at = from.at;
    return result;
  }

  byte(): number {
    if (this.at >= this.bytes.length) throw this.tooShort();
    return this.bytes[this.at++] as number;
  }

  uint32(): number {
    if (this.available < 4) throw this.tooShort();
    this.at += 4;
    return this.bytes.readUInt32LE(this.at - 4);
  }

  /** An unsigned number in groups of seven bits (ULEB128). Throws a ParquetError for one that is not exact. */
  varint(): number {
    let value = 0;
    for (let factor = 1; factor < 2 ** 53; factor *= 128) {
      const byte = this.byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
    throw new ParquetError('holds a number of more than 53 bits');
  }

  /** Reads to the end of the stream, which then has checked itself. */
  async finish(): Promise<void> {
    this.bytes = this.bytes.subarray(0, 0);
    while (!this.isDone) this.isDone = Boolean((await this.pieces.next()).done);
  }

  /** Reads no further. */
  async close(): Promise<void> {
    await this.pieces.return?.();
  }

  private tooShort(): ParquetError {
    return new ParquetError('holds less than its sizes say');
  }
}
