import { ByteReader } from './byte-reader.js';
import { History, PIECE_BYTES } from './history.js';
import { ParquetError } from './parquet-error.js';
import { expandShortElements } from './short-elements.js';

type Bytes = AsyncIterable<Buffer>;

/** Expands Snappy's raw format. Throws a ParquetError for what is none, or has another size than it should. */
export async function* unsnappy(bytes: Bytes, size: number): AsyncGenerator<Buffer, void> {
  const reader = new ByteReader(bytes, Number.POSITIVE_INFINITY);
  await reader.fill(MOST_HEAD_BYTES);
  if (reader.varint() !== size) throw new ParquetError('expands to another size than its header says');
  const output = new BlockOutput(reader, size);
  while (output.isOpen) {
    if (!reader.has(MOST_HEAD_BYTES)) await reader.fill(MOST_HEAD_BYTES);
    if (output.isIdle) {
      output.goShort();
      readSnappyElement(reader, output);
    }
    output.go();
    if (output.isFull) yield output.take();
  }
  yield output.take();
  await assertEnd(reader);
}

function readSnappyElement(reader: ByteReader, output: BlockOutput): void {
  const tag = reader.byte();
  const kind = tag & 3;
  const length = (tag >> 2) + 1;
  if (kind === 0) output.literal(length > 60 ? littleEndian(reader, length - 60) + 1 : length);
  else if (kind === 1) output.copy(((tag >> 5) << 8) | reader.byte(), ((tag >> 2) & 7) + 4);
  else output.copy(littleEndian(reader, kind === 2 ? 2 : 4), length);
}

/** Expands a block of LZ4 without a frame. Throws a ParquetError for what is none, or has another size than it should. */
export async function* unlz4(bytes: Bytes, size: number): AsyncGenerator<Buffer, void> {
  const reader = new ByteReader(bytes, Number.POSITIVE_INFINITY);
  const output = new BlockOutput(reader, size);
  let token = -1;
  while (output.isOpen) {
    if (!reader.has(MOST_HEAD_BYTES)) await reader.fill(MOST_HEAD_BYTES);
    if (output.isIdle) {
      const isLiteral = token < 0;
      if (isLiteral) token = reader.byte();
      const distance = isLiteral ? 0 : littleEndian(reader, 2);
      let length = isLiteral ? token >> 4 : token & 15;
      for (let byte = length < 15 ? 0 : 255; byte === 255; length += byte) {
        if (!reader.has(1)) await reader.fill(1);
        byte = reader.byte();
      }
      if (isLiteral) output.literal(length);
      else output.copy(distance, length + 4);
      if (!isLiteral) token = -1;
    }
    output.go();
    if (output.isFull) yield output.take();
  }
  yield output.take();
  await assertEnd(reader);
}

/** Of what stands before a literal or for a copy, but for the length of a long one. */
const MOST_HEAD_BYTES = 8;

function littleEndian(reader: ByteReader, bytes: number): number {
  let value = 0;
  for (let factor = 1, byte = 0; byte < bytes; byte++, factor *= 256) value += reader.byte() * factor;
  return value;
}

async function assertEnd(reader: ByteReader): Promise<void> {
  await reader.fill(1);
  if (reader.available > 0) throw new ParquetError('holds more than its sizes say');
}

/** What the two formats have in common: literals, and copies of what came before, a piece at a time. */
class BlockOutput {
  private readonly history: History;
  private literalLeft = 0;
  private copyLeft = 0;
  private distance = 0;

  /** @param left bytes that are still to come of elements that were not begun */
  constructor(
    private readonly reader: ByteReader,
    private left: number,
  ) {
    this.history = new History(left);
  }

  /** Whether there is more to come. */
  get isOpen(): boolean {
    return this.left > 0 || !this.isIdle;
  }

  /** Whether the last element is written. */
  get isIdle(): boolean {
    return this.literalLeft === 0 && this.copyLeft === 0;
  }

  get isFull(): boolean {
    return this.history.isFull;
  }

  literal(length: number): void {
    this.spend(length);
    this.literalLeft = length;
  }

  copy(distance: number, length: number): void {
    this.spend(length);
    this.copyLeft = length;
    this.distance = distance;
  }

  /** Writes of the last element what is at hand, a piece at most. Throws a ParquetError where nothing is. */
  go(): void {
    const { reader, history } = this;
    if (this.literalLeft > 0) {
      const size = Math.min(this.literalLeft, Math.max(1, reader.available), PIECE_BYTES);
      history.write(reader.take(size));
      this.literalLeft -= size;
    } else if (this.copyLeft > 0) {
      const size = Math.min(this.copyLeft, PIECE_BYTES);
      history.copy(this.distance, size);
      this.copyLeft -= size;
    }
  }

  /** Writes short elements of Snappy, but one of them that is left, and a piece at most. */
  goShort(): void {
    const written = this.reader.consume((from) =>
      this.history.extend(this.left - 1, (to) => expandShortElements(from, to)),
    );
    this.left -= written;
  }

  take(): Buffer {
    return this.history.take();
  }

  private spend(length: number): void {
    if (length > this.left) throw new ParquetError('expands to more than its sizes say');
    this.left -= length;
  }
}
