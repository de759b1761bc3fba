import { createHash, type Hash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { toFileError } from '../../files/index.js';
import type { RowSink } from '../rows.js';
import type { ShardFile, ShardIndex, ShardPart } from './shard-index.js';

/** A file has at most as many whole rows as fit. */
const FILE_BYTES = 1 << 28;
const BUFFER_BYTES = 1 << 20;

export interface ShardOptions {
  /** T */
  readonly sequenceLength: number;
  readonly dtype: ShardIndex['dtype'];
  readonly hasWords: boolean;
  /** 256 MiB unless told. */
  readonly fileBytes?: number;
}

/** Writes one part of a corpus as it is packed; memory is that of its buffers. Close it in any case. */
export class ShardWriter implements RowSink {
  private readonly ids: RecordWriter;
  private readonly words: RecordWriter | undefined;
  private readonly record: Uint16Array | Uint32Array;
  private readonly bits: Uint8Array;
  private rows = 0;

  /**
   * @param directory an existing one, in which there are no shards of that name yet
   * @param name `train` or `held-out`
   */
  constructor(directory: string, name: string, options: ShardOptions) {
    const { sequenceLength: T, dtype, hasWords, fileBytes = FILE_BYTES } = options;
    this.record = dtype === 'uint16' ? new Uint16Array(T) : new Uint32Array(T);
    this.bits = new Uint8Array(Math.ceil(T / 8));
    const rowsOfFile = Math.max(1, Math.floor(fileBytes / this.record.byteLength));
    const fileName = (kind: string) => (index: number) => `${name}-${String(index).padStart(5, '0')}.${kind}`;
    this.ids = new RecordWriter(directory, fileName('ids'), rowsOfFile);
    this.words = hasWords ? new RecordWriter(directory, fileName('words'), rowsOfFile) : undefined;
  }

  write(ids: Int32Array, wordStarts: Uint8Array): void {
    this.record.set(ids);
    this.ids.write(new Uint8Array(this.record.buffer));
    if (this.words) this.words.write(packBits(wordStarts, this.bits));
    this.rows++;
  }

  /** What was written, when it is on the device. */
  finish(): ShardPart {
    return { rows: this.rows, ids: this.ids.finish(), words: this.words?.finish() ?? [] };
  }

  close(): void {
    this.ids.close();
    this.words?.close();
  }
}

/** Bit i of the result is value i, from the lowest bit of each byte on. */
function packBits(values: Uint8Array, bits: Uint8Array): Uint8Array {
  bits.fill(0);
  for (const [index, value] of values.entries()) {
    const byte = index >> 3;
    bits[byte] = (bits[byte] as number) | (value << (index & 7));
  }
  return bits;
}

/** Records of one size, in files of `rowsOfFile` records. */
class RecordWriter {
  private readonly files: ShardFile[] = [];
  private open:
    | { readonly path: string; readonly name: string; readonly fd: number; readonly hash: Hash }
    | undefined;
  private readonly buffer = Buffer.alloc(BUFFER_BYTES);
  private used = 0;
  private rows = 0;
  private sizeBytes = 0;

  constructor(
    private readonly directory: string,
    private readonly nameOf: (index: number) => string,
    private readonly rowsOfFile: number,
  ) {}

  write(record: Uint8Array): void {
    if (!this.open) this.begin();
    if (this.used + record.length > this.buffer.length) this.flush();
    // A record larger than the buffer goes straight to the file.
    if (record.length > this.buffer.length) this.append(record);
    else {
      this.buffer.set(record, this.used);
      this.used += record.length;
    }
    if (++this.rows === this.rowsOfFile) this.end();
  }

  finish(): ShardFile[] {
    if (this.open) this.end();
    return this.files;
  }

  close(): void {
    if (this.open) closeSync(this.open.fd);
    this.open = undefined;
  }

  private begin(): void {
    const name = this.nameOf(this.files.length);
    const path = join(this.directory, name);
    const fd = this.attempt(path, () => openSync(path, 'wx'));
    this.open = { path, name, fd, hash: createHash('sha256') };
    this.rows = 0;
    this.sizeBytes = 0;
  }

  private flush(): void {
    this.append(this.buffer.subarray(0, this.used));
    this.used = 0;
  }

  private append(bytes: Uint8Array): void {
    if (!this.open) return;
    const { path, fd, hash } = this.open;
    hash.update(bytes);
    this.attempt(path, () => {
      for (let written = 0; written < bytes.length; ) {
        written += writeSync(fd, bytes, written, bytes.length - written);
      }
    });
    this.sizeBytes += bytes.length;
  }

  private end(): void {
    this.flush();
    if (!this.open) return;
    const { path, name, fd, hash } = this.open;
    this.attempt(path, () => fsyncSync(fd));
    this.close();
    this.files.push({ name, rows: this.rows, sizeBytes: this.sizeBytes, sha256: hash.digest('hex') });
  }

  private attempt<Result>(path: string, action: () => Result): Result {
    try {
      return action();
    } catch (cause) {
      throw toFileError(`cannot write '${path}'`, cause);
    }
  }
}
