import { readFile } from 'node:fs/promises';
import { DataError, errorMessage, FileError } from '../core/index.js';

/** Reads a file of UTF-8 text; a byte-order mark is dropped. Throws a FileError or DataError that names the file. */
export async function readTextFile(path: string): Promise<string> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw new FileError(`cannot read '${path}': ${errorMessage(cause)}`, { cause });
  }
  return decodeText(bytes, path);
}

/** Decodes UTF-8 strictly; a DataError says at which byte and line the text is binary or not UTF-8. */
export function decodeText(bytes: Uint8Array, where: string): string {
  const nul = bytes.indexOf(0);
  if (nul !== -1) {
    throw new DataError(
      `'${where}' is not text: byte ${nul} is NUL; expected UTF-8 text, leave binary files out`,
    );
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    const offset = firstInvalidByte(bytes);
    const line = 1 + countNewlines(bytes.subarray(0, offset));
    throw new DataError(
      `'${where}' is not valid UTF-8 at byte ${offset} (line ${line}); convert it, for example with iconv -t UTF-8`,
      { cause },
    );
  }
}

/** Length of the longest valid prefix, by bisection: a prefix of valid UTF-8 is valid when streamed. */
function firstInvalidByte(bytes: Uint8Array): number {
  let [valid, invalid] = [0, bytes.length];
  while (valid + 1 < invalid) {
    const middle = (valid + invalid) >> 1;
    if (isValidPrefix(bytes.subarray(0, middle))) valid = middle;
    else invalid = middle;
  }
  return valid;
}

function isValidPrefix(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

function countNewlines(bytes: Uint8Array): number {
  return bytes.reduce((count, byte) => count + Number(byte === 0x0a), 0);
}
