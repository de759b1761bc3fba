import { ParquetError } from './parquet-error.js';
import type { Stretch } from './stretch.js';

/** Bytes that are written at most before they are taken. */
export const PIECE_BYTES = 1 << 20;
/** How far back copies reach: encoders of Snappy and LZ4 stay within 64 KiB. */
const HISTORY_BYTES = 1 << 20;
/** A call costs more than copying so many bytes one by one. */
const FEW_BYTES = 32;

/** The last bytes that a decompressor has written, for it to copy from. */
export class History {
  private readonly buffer: Uint8Array;
  private end = 0;
  private given = 0;

  /** @param sizeBytes all that will be written */
  constructor(sizeBytes: number) {
    this.buffer = new Uint8Array(Math.min(sizeBytes, HISTORY_BYTES + 2 * PIECE_BYTES));
  }

  /** Whether it is time to take what was written. */
  get isFull(): boolean {
    return this.end - this.given >= PIECE_BYTES;
  }

  /** Writes a piece or less. */
  write(bytes: Uint8Array): void {
    const { buffer, end } = this;
    if (bytes.length > FEW_BYTES) buffer.set(bytes, end);
    else for (let at = 0; at < bytes.length; at++) buffer[end + at] = bytes[at] as number;
    this.end += bytes.length;
  }

  /** Lets `write` write up to so many bytes, and up to a piece in all; says how many they were. */
  extend(most: number, write: (to: Stretch) => void): number {
    const to = { bytes: this.buffer, at: this.end, end: Math.min(this.end + most, this.given + PIECE_BYTES) };
    write(to);
    const written = to.at - this.end;
    this.end = to.at;
    return written;
  }

  /**
   * Writes again a piece or less of what was written before; it may overlap itself. Throws a ParquetError for more than there is,
   * or is kept.
   */
  copy(distance: number, length: number): void {
    const { buffer, end } = this;
    if (distance < 1 || distance > end) {
      throw new ParquetError(`copies from ${distance} bytes before, where at most ${HISTORY_BYTES} are kept`);
    }
    if (length > FEW_BYTES && distance >= length) {
      buffer.copyWithin(end, end - distance, end - distance + length);
    } else {
      for (let at = end; at < end + length; at++) buffer[at] = buffer[at - distance] as number;
    }
    this.end += length;
  }

  /** What was written since this was called last. */
  take(): Buffer {
    const bytes = Buffer.from(this.buffer.subarray(this.given, this.end));
    if (this.end > HISTORY_BYTES) {
      this.buffer.copyWithin(0, this.end - HISTORY_BYTES, this.end);
      this.end = HISTORY_BYTES;
    }
    this.given = this.end;
    return bytes;
  }
}
