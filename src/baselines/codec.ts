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
  return Buffer.concat([MAGIC, checksum, body]);
}

/** Reads n-gram counts; a FormatError names the source when they are damaged or of another version. */
export function decodeNgramCounts(bytes: Uint8Array, where: string): NgramCounts {
  const start = MAGIC.length + CHECKSUM_BYTES;
  if (bytes.length < start || !Buffer.from(bytes.subarray(0, MAGIC.length)).equals(MAGIC)) {
    throw new FormatError(`${where}: expected n-gram counts of version 1 (magic LACNGR01)`);
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
  const vocabSize = reader.read();
  const specialIds = reader.readAll();
  const unigrams = Float64Array.from({ length: vocabSize }, () => reader.read());
  const bigrams = readRuns(reader);
  return { vocabSize, specialIds, unigrams, bigrams, trigrams: readRuns(reader) };
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

function readRuns(reader: VarintReader): Runs {
  const length = reader.readLength();
  const keys = new Float64Array(length);
  const counts = new Uint32Array(length);
  let key = 0;
  for (let index = 0; index < length; index++) {
    key += reader.read();
    keys[index] = key;
    counts[index] = reader.read();
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
      if (byte < 0x80) return value;
      factor *= 0x80;
    }
  }

  /** A number of items, each of which takes at least one byte. */
  readLength(): number {
    const length = this.read();
    if (length > this.data.length - this.position) throw new FormatError('a length is larger than the file');
    return length;
  }

  readAll(): number[] {
    return Array.from({ length: this.readLength() }, () => this.read());
  }
}
