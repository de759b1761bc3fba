import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toFileError } from '../../files/index.js';

/** Bytes that wait to be written. */
const BUFFER_BYTES = 1 << 20;

/**
 * Records on disk that memory is too dear for, each found by its place. The file has no name any more once it is open, so
 * nothing is left behind however the process ends.
 */
export class ScratchFile {
  private readonly descriptor: number;
  private readonly waiting = Buffer.alloc(BUFFER_BYTES);
  private waitingBytes = 0;
  private writtenBytes = 0;

  /** Throws a FileError when `directory`, that of temporary files unless told, cannot be written. */
  constructor(private readonly directory = tmpdir()) {
    const path = join(directory, `.lacuna-scratch-${process.pid}-${process.hrtime.bigint().toString(36)}`);
    this.descriptor = this.attempt(() => openSync(path, 'wx+', 0o600));
    this.attempt(() => unlinkSync(path));
  }

  /** Appends a record and says where it begins. Throws a FileError, as of a full disk. */
  append(bytes: Uint8Array): number {
    const place = this.writtenBytes + this.waitingBytes;
    if (this.waitingBytes + bytes.length > BUFFER_BYTES) this.flush();
    if (bytes.length > BUFFER_BYTES) this.write(bytes);
    else {
      this.waiting.set(bytes, this.waitingBytes);
      this.waitingBytes += bytes.length;
    }
    return place;
  }

  /** The bytes from `place` on, u8[sizeBytes]. Throws a FileError. */
  read(place: number, sizeBytes: number): Buffer {
    if (place + sizeBytes > this.writtenBytes) this.flush();
    const bytes = Buffer.alloc(sizeBytes);
    this.attempt(() => readSync(this.descriptor, bytes, 0, sizeBytes, place));
    return bytes;
  }

  close(): void {
    closeSync(this.descriptor);
  }

  private flush(): void {
    this.write(this.waiting.subarray(0, this.waitingBytes));
    this.waitingBytes = 0;
  }

  private write(bytes: Uint8Array): void {
    for (let start = 0; start < bytes.length; ) {
      const rest = bytes.subarray(start);
      const written = this.attempt(() => writeSync(this.descriptor, rest, 0, rest.length, this.writtenBytes));
      start += written;
      this.writtenBytes += written;
    }
  }

  private attempt<Result>(action: () => Result): Result {
    try {
      return action();
    } catch (cause) {
      throw toFileError(`cannot keep what was read in '${this.directory}'`, cause);
    }
  }
}
