import { writeFileInPlace } from './durable.js';
import { toFileError } from './io-error.js';

/** Replaces the file `path`, or creates it, all or nothing. Throws a FileError that names it. */
export async function writeInPlace(path: string, content: string | Uint8Array): Promise<void> {
  try {
    await writeFileInPlace(path, typeof content === 'string' ? new TextEncoder().encode(content) : content);
  } catch (cause) {
    throw toFileError(`cannot write '${path}'`, cause);
  }
}
