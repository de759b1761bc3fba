import { createReadStream } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { Decompress } from 'fzstd';
import { DataError, errorMessage, FileError } from '../../core/index.js';
import type { Compression } from './format.js';

/** Bytes of a piece. */
const PIECE_BYTES = 1 << 20;
/** Compressed bytes that are expanded at once: a few may become very many. */
const COMPRESSED_BYTES = 1 << 12;
/** As many of them where they do: 64 bytes of Zstandard are 2 MiB at most. */
const LEAST_STEP = 64;

/** Standard input as a path. */
export const STDIN = '-';

/**
 * What a file holds once it is expanded, in pieces of a mebibyte and a last one that may be shorter, whatever the system
 * gives at a time. Throws a FileError for what cannot be read, and a DataError for what is not compressed as its name says,
 * or is cut short.
 */
export async function* chunksOf(path: string, compression?: Compression): AsyncGenerator<Buffer, void> {
  const bytes = rawBytes(path, compression ? COMPRESSED_BYTES : PIECE_BYTES);
  if (!compression) return yield* piecesOf(bytes);
  try {
    yield* piecesOf(compression === 'gz' ? gunzip(bytes) : decompress(bytes));
  } catch (cause) {
    if (cause instanceof FileError) throw cause;
    throw new DataError(
      `'${path}' is no whole .${compression} file: ${errorMessage(cause)}; fetch or compress it again`,
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

async function* gunzip(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
  // Whichever of both ends first, by an error or because nobody reads on, ends the other; iteration throws the error.
  const stream = pipeline(Readable.from(bytes), createGunzip(), () => undefined);
  for await (const chunk of stream) yield chunk as Buffer;
}

async function* decompress(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
  const expanded: Buffer[] = [];
  const stream = new Decompress((chunk) => expanded.push(Buffer.from(chunk)));
  let step = LEAST_STEP;
  for await (const chunk of bytes) {
    for (let start = 0; start < chunk.length; ) {
      const part = chunk.subarray(start, start + step);
      stream.push(part);
      start += part.length;
      const size = expanded.reduce((sum, { length }) => sum + length, 0);
      step = size > PIECE_BYTES ? LEAST_STEP : Math.min(2 * step, COMPRESSED_BYTES);
      yield* expanded.splice(0);
    }
  }
  stream.push(new Uint8Array(), true);
  yield* expanded;
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
