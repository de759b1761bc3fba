import { createReadStream } from 'node:fs';
import { DataError, errorMessage, FileError } from '../../core/index.js';
import { gunzip, unzstd } from './expand.js';
import type { Compression } from './format.js';

/** Bytes of a piece. */
const PIECE_BYTES = 1 << 20;
/** Compressed bytes that are read at once: a few may become very many. */
const COMPRESSED_BYTES = 1 << 12;

/** Standard input as a path. */
export const STDIN = '-';

/**
 * What a file holds once it is expanded, in pieces of a mebibyte and a last one that may be shorter, whatever the system
 * gives at a time; errors of its content have `name`. Throws a FileError for what cannot be read, and a DataError for what is not compressed as its name says,
 * or is cut short.
 */
export async function* chunksOf(
  path: string,
  compression?: Compression,
  name = path,
): AsyncGenerator<Buffer, void> {
  const bytes = rawBytes(path, compression ? COMPRESSED_BYTES : PIECE_BYTES);
  if (!compression) return yield* piecesOf(bytes);
  try {
    yield* piecesOf(compression === 'gz' ? gunzip(bytes) : unzstd(bytes));
  } catch (cause) {
    if (cause instanceof FileError) throw cause;
    throw new DataError(
      `'${name}' is no whole .${compression} file: ${errorMessage(cause)}; fetch or compress it again`,
      { cause },
    );
  }
}

async function* rawBytes(path: string, highWaterMark: number): AsyncGenerator<Buffer, void> {
  const stream = path === STDIN ? process.stdin : createReadStream(path, { highWaterMark });
  try {
    for await (const chunk of stream) yield chunk as Buffer;
  } catch (cause) {
    throw new FileError(`cannot read '${path}': ${errorMessage(cause)}`, { cause });
  }
}

async function* piecesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
  let waiting: Buffer[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    waiting.push(chunk);
    size += chunk.length;
    if (size < PIECE_BYTES) continue;
    const bytes = Buffer.concat(waiting);
    let start = 0;
    for (; size - start >= PIECE_BYTES; start += PIECE_BYTES)
      yield bytes.subarray(start, start + PIECE_BYTES);
    waiting = [bytes.subarray(start)];
    size -= start;
  }
  if (size > 0) yield Buffer.concat(waiting);
}
