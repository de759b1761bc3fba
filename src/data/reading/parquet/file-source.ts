import { open } from 'node:fs/promises';
import { errorMessage, FileError } from '../../../core/index.js';
import type { ParquetSource } from './file-blocks.js';

/** A source that has to be closed. */
export interface OpenSource extends ParquetSource {
  close(): Promise<void>;
}

/** Opens a file to be read from. Throws a FileError, here and when it is read. */
export async function fileSource(path: string): Promise<OpenSource> {
  const attempt = async <Result>(action: Promise<Result>): Promise<Result> => {
    try {
      return await action;
    } catch (cause) {
      throw new FileError(`cannot read '${path}': ${errorMessage(cause)}`, { cause });
    }
  };
  const handle = await attempt(open(path));
  const { size } = await attempt(handle.stat());
  return {
    sizeBytes: size,
    async read(position, sizeBytes) {
      const bytes = Buffer.allocUnsafeSlow(sizeBytes);
      let length = 0;
      while (length < sizeBytes) {
        const { bytesRead } = await attempt(
          handle.read(bytes, length, sizeBytes - length, position + length),
        );
        if (bytesRead === 0) break;
        length += bytesRead;
      }
      return bytes.subarray(0, length);
    },
    close: () => handle.close(),
  };
}
