import { readFile } from 'node:fs/promises';
import { FileError } from '../core/index.js';
import { systemCode, toFileError } from '../files/index.js';

/** The bytes of a file, or undefined when there is none. */
export async function readOptional(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return undefined;
    throw toFileError(`cannot read '${path}'`, cause);
  }
}

/** The bytes of a file; a FileError says what a model directory holds when there is none. */
export async function readRequired(path: string): Promise<Uint8Array> {
  const bytes = await readOptional(path);
  if (bytes) return bytes;
  throw new FileError(
    `'${path}' is missing; a model directory holds config.json, model.safetensors and tokenizer.json`,
  );
}
