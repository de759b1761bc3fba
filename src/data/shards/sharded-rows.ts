import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { toFileError } from '../../files/index.js';
import type { PackedSequences } from '../rows.js';
import { damaged, type ShardFile, type ShardIndex, type ShardPart } from './shard-index.js';

/** Rows that lie on disk: each is read by its position when it is asked for. Close it when it is done with. */
export class ShardedRows implements PackedSequences {
  readonly sequenceLength: number;
  readonly count: number;
  /** Present where the shards hold words. */
  readonly wordStarts?: (index: number) => Uint8Array;
  private readonly ids: RecordReader;
  private readonly words: RecordReader | undefined;
  private readonly isWide: boolean;

  /** Throws a FileError for a shard that cannot be opened. */
  constructor(directory: string, { sequenceLength: T, dtype }: ShardIndex, part: ShardPart) {
    this.sequenceLength = T;
    this.count = part.rows;
    this.isWide = dtype === 'uint32';
    this.ids = new RecordReader(directory, part.ids, T * (this.isWide ? 4 : 2));
    if (part.words.length === 0) return;
    const words = new RecordReader(directory, part.words, Math.ceil(T / 8));
    this.words = words;
    this.wordStarts = (index) => unpackBits(words.read(index), T);
  }

  /** Throws a FormatError for a shard that has become shorter since. */
  row(index: number): Int32Array {
    const bytes = this.ids.read(index);
    const values = this.isWide ? new Uint32Array(bytes.buffer) : new Uint16Array(bytes.buffer);
    return Int32Array.from(values);
  }

  close(): void {
    this.ids.close();
    this.words?.close();
  }
}

function unpackBits(bits: Uint8Array, count: number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, index) => ((bits[index >> 3] as number) >> (index & 7)) & 1);
}

/** Records of one size in files that hold as many each, but for the last. */
class RecordReader {
  private readonly files: { readonly path: string; readonly fd: number }[] = [];
  private readonly rowsOfFile: number;

  constructor(
    directory: string,
    files: readonly ShardFile[],
    private readonly recordBytes: number,
  ) {
    this.rowsOfFile = files[0]?.rows ?? 1;
    for (const { name } of files) {
      const path = join(directory, name);
      try {
        this.files.push({ path, fd: openSync(path, 'r') });
      } catch (cause) {
        this.close();
        throw toFileError(`cannot read '${path}'`, cause);
      }
    }
  }

  /** The bytes of a record, in a buffer of their own. */
  read(index: number): Uint8Array<ArrayBuffer> {
    const file = this.files[Math.floor(index / this.rowsOfFile)];
    if (!file) throw new RangeError(`there is no row ${index}`);
    const bytes = new Uint8Array(this.recordBytes);
    const position = (index % this.rowsOfFile) * this.recordBytes;
    let got = 0;
    while (got < bytes.length) {
      const read = readSync(file.fd, bytes, got, bytes.length - got, position + got);
      if (read === 0) throw damaged(file.path, `it ends before row ${index}`);
      got += read;
    }
    return bytes;
  }

  close(): void {
    for (const { fd } of this.files.splice(0)) closeSync(fd);
  }
}
