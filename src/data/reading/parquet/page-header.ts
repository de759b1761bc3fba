import { ParquetError } from './parquet-error.js';

/** Encodings of pages, by the number that Parquet gives them. */
export const ENCODINGS = {
  plain: 0,
  plainDictionary: 2,
  rle: 3,
  deltaLength: 6,
  deltaBytes: 7,
  rleDictionary: 8,
} as const;

/** What stands before a page. */
export interface PageHeader {
  /** Bytes of the header itself. */
  readonly sizeBytes: number;
  readonly kind: 'data' | 'data-2' | 'dictionary' | 'other';
  readonly compressedBytes: number;
  readonly expandedBytes: number;
  readonly valueCount: number;
  readonly encoding: number;
  /** Of a data page of version 1. */
  readonly levelEncoding: number;
  /** Of a data page of version 2: bytes of its levels, which are not compressed. */
  readonly definitionBytes: number;
  readonly repetitionBytes: number;
  readonly isCompressed: boolean;
}

const KINDS: readonly PageHeader['kind'][] = ['data', 'other', 'dictionary', 'data-2'];
/** The field of the header in which what one kind has lies. */
const FIELDS = { data: 5, other: 6, dictionary: 7, 'data-2': 8 } as const;

/** Reads the header of a page; undefined where the bytes end before it does. Throws a ParquetError for what is none. */
export function readPageHeader(bytes: Buffer): PageHeader | undefined {
  const reader = new ThriftReader(bytes);
  const header = reader.struct(0);
  if (!header) return undefined;
  const kind = KINDS[integer(header.get(1), 'kind')] ?? 'other';
  const found = header.get(FIELDS[kind]);
  const own: ThriftStruct = found instanceof Map ? found : new Map();
  const isSecond = kind === 'data-2';
  return {
    sizeBytes: reader.at,
    kind,
    expandedBytes: integer(header.get(2), 'size'),
    compressedBytes: integer(header.get(3), 'size'),
    ...(kind === 'other'
      ? { valueCount: 0, encoding: -1 }
      : {
          valueCount: integer(own.get(1), 'number of values'),
          encoding: integer(own.get(isSecond ? 4 : 2), 'encoding'),
        }),
    levelEncoding: kind === 'data' ? integer(own.get(3), 'encoding of levels') : ENCODINGS.rle,
    definitionBytes: isSecond ? integer(own.get(5), 'size of levels') : 0,
    repetitionBytes: isSecond ? integer(own.get(6), 'size of levels') : 0,
    isCompressed: !isSecond || own.get(7) !== false,
  };
}

function integer(value: ThriftValue | undefined, what: string): number {
  if (typeof value !== 'number' || value < 0 || value > 0x7fffffff) {
    throw new ParquetError(`has the header of a page without a ${what} that can be`);
  }
  return value;
}

type ThriftStruct = Map<number, ThriftValue>;
type ThriftValue = number | boolean | ThriftStruct | undefined;

const MOST_DEPTH = 8;

/** Thrift's compact protocol, of which a page has numbers, truth values and structures; the rest is passed over. */
class ThriftReader {
  at = 0;

  constructor(private readonly bytes: Buffer) {}

  /** Undefined where the bytes end before it does. */
  struct(depth: number): ThriftStruct | undefined {
    if (depth > MOST_DEPTH) throw new ParquetError('has no header of a page where one is expected');
    const fields: ThriftStruct = new Map();
    for (let id = 0; ; ) {
      const head = this.byte();
      if (head === undefined) return undefined;
      if (head === 0) return fields;
      id = head >> 4 ? id + (head >> 4) : this.signed();
      fields.set(id, this.value(head & 15, depth));
      if (this.at > this.bytes.length) return undefined;
    }
  }

  private value(type: number, depth: number): ThriftValue {
    if (type === 1 || type === 2) return type === 1;
    if (type >= 4 && type <= 6) return this.signed();
    if (type === 3) this.at += 1;
    else if (type === 7) this.at += 8;
    else if (type === 8) this.skipBytes();
    else if (type === 9 || type === 10) this.skipList(depth);
    else if (type === 12) return this.struct(depth + 1) ?? this.end();
    else throw new ParquetError('has no header of a page where one is expected');
    return undefined;
  }

  private skipBytes(): void {
    const size = this.unsigned();
    this.at += size;
  }

  private skipList(depth: number): void {
    const head = this.byte() ?? 0;
    const count = head >> 4 === 15 ? this.unsigned() : head >> 4;
    const type = head & 15;
    for (let index = 0; index < count && this.at <= this.bytes.length; index++) {
      if (type === 1 || type === 2) this.at += 1;
      else this.value(type, depth + 1);
    }
  }

  private byte(): number | undefined {
    return this.bytes[this.at++];
  }

  private signed(): number {
    const value = this.unsigned();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  private unsigned(): number {
    let value = 0;
    for (let factor = 1; factor < 2 ** 63; factor *= 128) {
      const byte = this.byte() ?? 0;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
    throw new ParquetError('has no header of a page where one is expected');
  }

  private end(): undefined {
    this.at = this.bytes.length + 1;
    return undefined;
  }
}
