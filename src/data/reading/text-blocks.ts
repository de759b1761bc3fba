import { countNewlines, decodeText } from './text-file.js';

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
 * Cuts what a file holds, piece by piece, into blocks of about a mebibyte, so that it may be larger than memory: whole lines,
 * but for lines longer than that, which are cut before a space where there is one. The same pieces give the same blocks.
 */
export class BlockCutter {
  private rest: Buffer = Buffer.alloc(0);
  private offset = 0;
  private line = 1;

  constructor(private readonly path: string) {}

  /** The next block, where there are whole lines. Throws a DataError, with file, byte and line, for what is not UTF-8 text. */
  push(chunk: Buffer): TextBlock | undefined {
    this.rest = Buffer.concat([this.rest, chunk]);
    return this.take(blockEnd(this.rest));
  }

  /** What is left at the end of the file. Throws as `push` does. */
  finish(): TextBlock | undefined {
    return this.take(this.rest.length);
  }

  private take(end: number): TextBlock | undefined {
    if (end === 0) return undefined;
    const bytes = this.rest.subarray(0, end);
    const { path, offset, line } = this;
    const block = { path, text: decodeText(bytes, path, { offset, line }), sizeBytes: end };
    this.offset += end;
    this.line += countNewlines(bytes);
    this.rest = this.rest.subarray(end);
    return block;
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
