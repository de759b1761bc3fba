import { isUtf8 } from 'node:buffer';
import type { ByteReader } from './byte-reader.js';
import { readDeltas } from './delta.js';
import { ENCODINGS } from './page-header.js';
import { ParquetError } from './parquet-error.js';
import { RunReader } from './runs.js';

/** The strings of a page, one after another, missing ones left out. */
export interface PageValues {
  /** The next one; at once where its bytes are at hand. Throws a ParquetError for what is none. */
  next(): string | Promise<string>;
}

/** The strings that follow in a page; `count` are there at most. Throws a ParquetError for an encoding that is not known here. */
export async function pageValues(
  encoding: number,
  bytes: ByteReader,
  count: number,
  dictionary: readonly string[] | undefined,
): Promise<PageValues> {
  switch (encoding) {
    case ENCODINGS.plain:
      return new PlainValues(bytes);
    case ENCODINGS.plainDictionary:
    case ENCODINGS.rleDictionary:
      if (!dictionary) throw new ParquetError('has a page of places in a dictionary, and no dictionary');
      return DictionaryValues.open(bytes, dictionary);
    case ENCODINGS.deltaLength:
      return new DeltaLengthValues(bytes, await readDeltas(bytes, count));
    case ENCODINGS.deltaBytes: {
      const shared = await readDeltas(bytes, count);
      return new DeltaValues(bytes, shared, await readDeltas(bytes, count));
    }
    default:
      throw new ParquetError(`has a page of encoding ${encoding}`);
  }
}

/** Each with its length before it. */
export class PlainValues implements PageValues {
  constructor(private readonly bytes: ByteReader) {}

  next(): string | Promise<string> {
    const { bytes } = this;
    if (bytes.available < 4) return this.later();
    const length = bytes.uint32();
    return bytes.available < length ? taken(bytes, length) : decoded(bytes.take(length));
  }

  private async later(): Promise<string> {
    await this.bytes.need(4);
    return this.next();
  }
}

class DictionaryValues implements PageValues {
  private constructor(
    private readonly places: RunReader,
    private readonly dictionary: readonly string[],
  ) {}

  static async open(bytes: ByteReader, dictionary: readonly string[]): Promise<DictionaryValues> {
    // A page without values may have no width.
    await bytes.fill(1);
    const width = bytes.available > 0 ? bytes.byte() : 0;
    return new DictionaryValues(new RunReader(bytes, width), dictionary);
  }

  next(): string | Promise<string> {
    const place = this.places.next();
    return typeof place === 'number' ? this.at(place) : place.then((place) => this.at(place));
  }

  private at(place: number): string {
    const value = this.dictionary[place];
    if (value === undefined) {
      throw new ParquetError(`asks for value ${place} of a dictionary of ${this.dictionary.length}`);
    }
    return value;
  }
}

/** The lengths of all before the first. */
class DeltaLengthValues implements PageValues {
  private index = 0;

  constructor(
    private readonly bytes: ByteReader,
    private readonly lengths: Int32Array,
  ) {}

  next(): string | Promise<string> {
    const { bytes } = this;
    const length = lengthAt(this.lengths, this.index++);
    return bytes.available < length ? taken(bytes, length) : decoded(bytes.take(length));
  }
}

/** Each with what it shares with the one before left out. */
class DeltaValues implements PageValues {
  private index = 0;
  private last: Buffer = Buffer.alloc(0);

  constructor(
    private readonly bytes: ByteReader,
    private readonly shared: Int32Array,
    private readonly lengths: Int32Array,
  ) {}

  async next(): Promise<string> {
    const shared = lengthAt(this.shared, this.index);
    const length = lengthAt(this.lengths, this.index++);
    if (shared > this.last.length) throw new ParquetError('has a value that shares more than there was');
    await this.bytes.need(length);
    this.last = Buffer.concat([this.last.subarray(0, shared), this.bytes.take(length)]);
    return decoded(this.last);
  }
}

function lengthAt(lengths: Int32Array, index: number): number {
  const length = lengths[index];
  if (length === undefined || length < 0) throw new ParquetError('has fewer values than its header says');
  return length;
}

async function taken(bytes: ByteReader, length: number): Promise<string> {
  await bytes.need(length);
  return decoded(bytes.take(length));
}

function decoded(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw new ParquetError('has a value that is not UTF-8');
  return bytes.toString('utf8');
}
