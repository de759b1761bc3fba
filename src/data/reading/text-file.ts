import { readFile } from 'node:fs/promises';
import { DataError } from '../../core/index.js';
import { toFileError } from '../../files/index.js';

/** Reads a file of UTF-8 text; a byte-order mark is dropped. Throws a FileError or DataError that names the file. */
export async function readTextFile(path: string): Promise<string> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw toFileError(`cannot read '${path}'`, cause);
  }
  return decodeText(bytes, path);
}

/** A file that is binary, or no UTF-8. */
export class NotTextError extends DataError {}

/** Where in a file a stretch of it begins. */
export interface FilePlace {
  readonly offset: number;
  /** From 1. */
  readonly line: number;
}

/**
 * Decodes UTF-8 strictly; a NotTextError says at which byte and line the text is binary or not UTF-8. `bytes` are a file or
 * a stretch of one that begins at `place`; a byte-order mark at the beginning of the file is dropped.
 */
export function decodeText(
  bytes: Uint8Array,
  where: string,
  place: FilePlace = { offset: 0, line: 1 },
): string {
  const nul = bytes.indexOf(0);
  if (nul !== -1) {
    throw new NotTextError(
      `'${where}' is not text: byte ${place.offset + nul} is NUL; expected UTF-8 text, convert UTF-16, leave binary files out`,
    );
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: place.offset > 0 }).decode(bytes);
  } catch (cause) {
    const offset = malformedOffset(bytes);
    if (offset === undefined) {
      throw new DataError(`cannot read '${where}' at once: ${bytes.length} bytes; split the file`, { cause });
    }
    const line = place.line + countNewlines(bytes.subarray(0, offset));
    throw new NotTextError(
      `'${where}' is not valid UTF-8 at byte ${place.offset + offset} (line ${line}); convert it, for example with iconv -t UTF-8`,
      { cause },
    );
  }
}

/** Bytes that are decoded at once in the search for the malformed one. */
const BLOCK = 1 << 20;

/** Where the first malformed character begins, or undefined when the bytes are valid UTF-8. */
function malformedOffset(bytes: Uint8Array): number | undefined {
  let start = 0;
  while (start < bytes.length) {
    const end = characterStart(bytes, Math.min(bytes.length, start + BLOCK));
    const block = bytes.subarray(start, end);
    if (!isValid(block)) return start + longestValidPrefix(block);
    start = end;
  }
  return undefined;
}

/** The last place at or before `offset`, by 3 bytes at most, where a character may begin. */
function characterStart(bytes: Uint8Array, offset: number): number {
  let start = offset;
  while (start > offset - 3 && isContinuation(bytes[start])) start--;
  return start;
}

const isContinuation = (byte: number | undefined) => byte !== undefined && (byte & 0xc0) === 0x80;

/**
 * Length of the longest prefix of whole, valid characters. Bisection over prefixes that may end inside a character (a
 * property that every shorter prefix shares), then back to where that character begins.
 */
function longestValidPrefix(bytes: Uint8Array): number {
  let [possible, impossible] = [0, bytes.length + 1];
  while (possible + 1 < impossible) {
    const middle = (possible + impossible) >> 1;
    if (isValid(bytes.subarray(0, middle), { stream: true })) possible = middle;
    else impossible = middle;
  }
  let whole = possible;
  while (!isValid(bytes.subarray(0, whole))) whole--;
  return whole;
}

function isValid(bytes: Uint8Array, options?: { readonly stream: boolean }): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, options);
    return true;
  } catch {
    return false;
  }
}

/** Number of line feeds. */
export function countNewlines(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) count++;
  return count;
}
