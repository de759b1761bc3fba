import { closeSync, openSync, readSync } from 'node:fs';
import { errorMessage, FileError } from '../core/index.js';
import { countNewlines, decodeText } from './text-file.js';
import type { TextFile } from './text-files.js';

/** Bytes that are read at once; a block has about as many. */
const BLOCK_BYTES = 1 << 20;

const LINE_FEED = 0x0a;
const SPACE = 0x20;

/** A stretch of a file. */
export interface TextBlock {
  readonly path: string;
  readonly text: string;
  readonly sizeBytes: number;
}

/**
 * The text of files in blocks of about a mebibyte, so that a corpus may be larger than memory: whole lines, but for lines
 * longer than that, which are cut before a space where there is one. The same files give the same blocks. Throws FileError
 * for what cannot be read, and DataError, with file, byte and line, for what is not UTF-8 text.
 */
export function* readTextBlocks(files: readonly TextFile[]): Generator<TextBlock> {
  for (const { path } of files) yield* blocksOf(path);
}

function* blocksOf(path: string): Generator<TextBlock> {
  let rest: Buffer = Buffer.alloc(0);
  let offset = 0;
  let line = 1;
  for (const chunk of chunksOf(path)) {
    rest = Buffer.concat([rest, chunk]);
    // The last block ends where the file does.
    const end = chunk.length === 0 ? rest.length : blockEnd(rest);
    if (end === 0) continue;
    const bytes = rest.subarray(0, end);
    yield { path, text: decodeText(bytes, path, { offset, line }), sizeBytes: end };
    offset += end;
    line += countNewlines(bytes);
    rest = rest.subarray(end);
  }
}

/** After the last line feed; in a line that is too long before its last space, else before its last character. */
function blockEnd(bytes: Buffer): number {
  const lineEnd = bytes.lastIndexOf(LINE_FEED) + 1;
  if (lineEnd > 0 || bytes.length < BLOCK_BYTES) return lineEnd;
  const space = bytes.lastIndexOf(SPACE);
  if (space > 0) return space;
  let end = bytes.length - 1;
  while (end > bytes.length - 4 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return end;
}

/** What a file holds, piece by piece, at last an empty piece. */
function* chunksOf(path: string): Generator<Buffer> {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (cause) {
    throw new FileError(`cannot read '${path}': ${errorMessage(cause)}`, { cause });
  }
  try {
    const chunk = Buffer.alloc(BLOCK_BYTES);
    for (let read = -1; read !== 0; ) {
      read = fill(chunk, descriptor, path);
      yield chunk.subarray(0, read);
    }
  } finally {
    closeSync(descriptor);
  }
}

/** Reads as much as `chunk` holds: a pipe gives less at a time, and blocks should not depend on that. */
function fill(chunk: Buffer, descriptor: number, path: string): number {
  let filled = 0;
  try {
    while (filled < chunk.length) {
      const read = readSync(descriptor, chunk, filled, chunk.length - filled, null);
      if (read === 0) break;
      filled += read;
    }
  } catch (cause) {
    throw new FileError(`cannot read '${path}': ${errorMessage(cause)}`, { cause });
  }
  return filled;
}
