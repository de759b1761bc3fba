import { ParquetError } from './parquet-error.js';

/** Bytes that are read at once, as of other files: what lies outside of the heap makes V8 collect its garbage before that is hundreds of megabytes. */
const BLOCK_BYTES = 1 << 20;

/** What a Parquet file is read from. */
export interface ParquetSource {
  readonly sizeBytes: number;
  /** So many bytes from a place on, fewer only where the file ends. */
  read(position: number, sizeBytes: number): Promise<Buffer>;
}

/** Reads a stretch of a file in blocks; one of them is kept, as small pages follow one another. */
export class FileBlocks {
  private block: Buffer = Buffer.alloc(0);
  private start = 0;

  constructor(
    private readonly source: ParquetSource,
    private readonly end: number,
  ) {}

  /** What is at a place: `least` bytes or more, fewer only where the stretch ends. Throws a ParquetError where the file ends before. */
  async at(position: number, least: number): Promise<Buffer> {
    const wanted = Math.min(least, this.end - position);
    const { start, block } = this;
    if (position >= start && position + wanted <= start + block.length)
      return block.subarray(position - start);
    const size = Math.min(Math.max(wanted, BLOCK_BYTES), this.end - position);
    const bytes = await this.source.read(position, size);
    if (bytes.length < size) throw new ParquetError(`ends at byte ${position + bytes.length}`);
    this.block = bytes;
    this.start = position;
    return bytes;
  }

  /** The bytes between two places, in pieces. */
  async *between(start: number, end: number): AsyncGenerator<Buffer, void> {
    for (let position = start; position < end; ) {
      const piece = (await this.at(position, 1)).subarray(0, end - position);
      yield piece;
      position += piece.length;
    }
  }
}
