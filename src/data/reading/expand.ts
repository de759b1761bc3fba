import { pipeline, Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip } from 'node:zlib';
import { Decompress } from 'fzstd';
import { WindowCheck } from './zstd-window.js';

/** Of Zstandard, expanded bytes from which the steps in which it is read become the least. */
const MUCH = 1 << 20;
/** Compressed bytes that are expanded at once: a few may become very many. */
const MOST_STEP = 1 << 12;
/** As many of them where they do: 64 bytes of Zstandard are 2 MiB at most. */
const LEAST_STEP = 64;

type Bytes = AsyncIterable<Buffer>;

/** Expands gzip, also of several members. Throws zlib's error for what is none, or is cut short. */
export const gunzip = (bytes: Bytes): AsyncGenerator<Buffer, void> => throughZlib(bytes, createGunzip());

/** Expands Brotli. Throws zlib's error for what is none, or is cut short. */
export const unbrotli = (bytes: Bytes): AsyncGenerator<Buffer, void> =>
  throughZlib(bytes, createBrotliDecompress());

async function* throughZlib(bytes: Bytes, expander: NodeJS.ReadWriteStream): AsyncGenerator<Buffer, void> {
  // Whichever of both ends first, by an error or because nobody reads on, ends the other; iteration throws the error.
  const stream = pipeline(Readable.from(bytes), expander, () => undefined);
  for await (const chunk of stream) yield chunk as Buffer;
}

/** Expands Zstandard. Throws fzstd's error for what is none, or is cut short, and a WindowError for a window of more than 128 MiB. */
export async function* unzstd(bytes: Bytes): AsyncGenerator<Buffer, void> {
  const expanded: Buffer[] = [];
  const stream = new Decompress((chunk) => expanded.push(Buffer.from(chunk)));
  const window = new WindowCheck();
  let step = LEAST_STEP;
  for await (const chunk of bytes) {
    window.push(chunk);
    for (let start = 0; start < chunk.length; ) {
      const part = chunk.subarray(start, start + step);
      stream.push(part);
      start += part.length;
      const size = expanded.reduce((sum, { length }) => sum + length, 0);
      step = size > MUCH ? LEAST_STEP : Math.min(2 * step, MOST_STEP);
      yield* expanded.splice(0);
    }
  }
  stream.push(new Uint8Array(), true);
  yield* expanded;
}
