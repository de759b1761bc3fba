import { createHash } from 'node:crypto';
import { deflateSync, inflateSync } from 'node:zlib';
import { errorMessage, FormatError } from '../core/index.js';
import type { NgramCounts } from './counts.js';
import type { Runs } from './runs.js';

/** First bytes of a file of n-gram counts: a name and the format's version. */
const MAGIC = new TextEncoder().encode('LACNGR01');
const CHECKSUM_BYTES = 32;

/** Largest size of the decompressed counts, against archives made to exhaust memory. */
const MAX_BYTES = 2 ** 31 - 1;

/**
 * N-gram counts as bytes: magic, SHA-256 of the rest, then deflated varints: V, special ids, unigram counts, and for
 * pairs and triples the differences of ascending keys with their counts.
 */
export function encodeNgramCounts(counts: NgramCounts): Uint8Array {
  const writer = new VarintWriter();
  writer.write(counts.vocabSize);
  writer.writeAll(counts.specialIds);
  for (const count of counts.unigrams) writer.write(count);
  for (const runs of [counts.bigrams, counts.trigrams]) writeRuns(writer, runs);
  const body = deflateSync(writer.bytes());
  const checksum = createHash('sha256').update(body).digest();
  // Not a Buffer, whose `slice` would be a view.
  return new Uint8Array(Buffer.concat([MAGIC, checksum, body]));
}

/**
 * Reads n-gram counts; a FormatError names the source when they are damaged or of another version. The checksum finds
 * accidents; every number is checked as well, because whoever makes a file can make its checksum.
 */
export function decodeNgramCounts(bytes: Uint8Array, where: string): NgramCounts {
  const start = MAGIC.length + CHECKSUM_BYTES;
  if (bytes.length < start || !Buffer.from(bytes.subarray(0, MAGIC.length)).equals(MAGIC)) {
    throw new FormatError(
      `${where}: expected n-gram counts of version 1 (magic LACNGR01), got other bytes; train the model again`,
    );
  }
  const body = bytes.subarray(start);
  const checksum = createHash('sha256').update(body).digest();
  if (!checksum.equals(bytes.subarray(MAGIC.length, start))) {
    throw new FormatError(
      `${where}: the checksum does not match: the file is damaged, train the model again`,
    );
  }
  try {
    return readCounts(new VarintReader(inflateSync(body, { maxOutputLength: MAX_BYTES })));
  } catch (cause) {
    throw new FormatError(`${where}: the n-gram counts cannot be read: ${errorMessage(cause)}`, { cause });
  }
}

function readCounts(reader: VarintReader): NgramCounts {
  const vocabSize = reader.readLength();
  const specialIds = Array.from({ length: reader.readLength() }, () => reader.readBelow(vocabSize));
  const unigrams = Float64Array.from({ length: vocabSize }, () => reader.read());
  const bigrams = readRuns(reader, vocabSize ** 2);
  const trigrams = readRuns(reader, vocabSize ** 3);
  reader.expectEnd();
  return { vocabSize, specialIds, unigrams, bigrams, trigrams };
}

function writeRuns(writer: VarintWriter, { keys, counts }: Runs): void {
  writer.write(keys.length);
  let previous = 0;
  for (const [index, key] of keys.entries()) {
    writer.write(key - previous);
    writer.write(counts[index] as number);
    previous = key;
  }
}

/** Keys are below `limit` and ascend, counts are positive. */
function readRuns(reader: VarintReader, limit: number): Runs {
  const length = reader.readLength();
  const keys = new Float64Array(length);
  const counts = new Uint32Array(length);
  let key = 0;
  for (let index = 0; index < length; index++) {
    const difference = reader.readBelow(limit - key);
    const count = reader.readBelow(2 ** 32);
    if (count === 0 || (difference === 0 && index > 0)) {
      throw new FormatError('an n-gram is there twice or without occurrence');
    }
    key += difference;
    keys[index] = key;
    counts[index] = count;
  }
  return { keys, counts };
}

/** Writes non-negative integers below 2^53 in groups of seven bits, least significant first (LEB128). */
class VarintWriter {
  private data = new Uint8Array(1 << 16);
  private length = 0;

  write(value: number): void {
    if (this.length + 8 > this.data.length) {
      const larger = new Uint8Array(2 * this.data.length);
      larger.set(this.data);
      this.data = larger;
    }
    let rest = value;
    while (rest >= 0x80) {
      this.data[this.length++] = 0x80 | (rest % 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.data[this.length++] = rest;
  }

  writeAll(values: readonly number[]): void {
    this.write(values.length);
    for (const value of values) this.write(value);
  }

  bytes(): Uint8Array {
    return this.data.subarray(0, this.length);
  }
}

class VarintReader {
  private position = 0;

  constructor(private readonly data: Uint8Array) {}

  read(): number {
    let [value, factor] = [0, 1];
    for (;;) {
      const byte = this.data[this.position++];
      if (byte === undefined) throw new FormatError('they end too early');
      value += (byte & 0x7f) * factor;
      if (!(value <= Number.MAX_SAFE_INTEGER)) throw new FormatError('a number is larger than 2^53');
      if (byte < 0x80) return value;
      factor *= 0x80;
    }
  }

  readBelow(limit: number): number {
    const value = this.read();
    if (value >= limit) throw new FormatError(`expected a number below ${limit}, got ${value}`);
    return value;
  }

  /** A number of items, each of which takes at least one byte. */
  readLength(): number {
    return this.readBelow(this.data.length - this.position);
  }

  expectEnd(): void {
    const extra = this.data.length - this.position;
    if (extra > 0) throw new FormatError(`they are followed by ${extra} bytes more`);
  }
}
