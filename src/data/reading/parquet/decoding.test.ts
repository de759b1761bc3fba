import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteReader } from './byte-reader.js';
import { expanderOf } from './codecs.js';
import { readDeltas } from './delta.js';
import { ParquetError } from './parquet-error.js';
import { RunReader } from './runs.js';

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer, void> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

async function expand(codec: 'SNAPPY' | 'LZ4_RAW' | 'GZIP', bytes: Buffer, size: number, piece = 1 << 18) {
  const pieces: Buffer[] = [];
  const expanded = expanderOf(codec)?.(inPieces(bytes, piece), size) ?? [];
  for await (const each of expanded) pieces.push(each);
  return Buffer.concat(pieces);
}

/** A literal before a copy of what came before; `far` says from where, as a share of what there is. */
const elements = fc.array(
  fc.record({
    // Those of about 60 are the longest that are short.
    literal: fc.oneof(fc.integer({ min: 1, max: 90 }), fc.integer({ min: 56, max: 61 })),
    far: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.integer({ min: 4, max: 64 }),
    form: fc.constantFrom(1, 2, 3),
  }),
  { minLength: 1, maxLength: 60 },
);
type Elements = typeof elements extends fc.Arbitrary<infer Value> ? Value : never;

/** What the elements expand to; `write` says each in a format. */
function written(
  each: Elements,
  write: (literal: Buffer, distance: number, length: number, form: number) => number[],
) {
  const [expanded, stored]: [number[], number[]] = [[], []];
  for (const [index, { literal, far, length, form }] of each.entries()) {
    const bytes = Buffer.from(Array.from({ length: literal }, (_, at) => (index * 31 + at * 7) & 0xff));
    expanded.push(...bytes);
    const most = form === 1 ? 2047 : 65535;
    const distance = 1 + Math.floor(far * (Math.min(most, expanded.length) - 1));
    const copied = form === 1 ? 4 + (length % 8) : length;
    for (let at = 0; at < copied; at++) expanded.push(expanded[expanded.length - distance] as number);
    stored.push(...write(bytes, distance, copied, form));
  }
  return { expanded: Buffer.from(expanded), stored };
}

function snappy(literal: Buffer, distance: number, length: number, form: number): number[] {
  const size = literal.length - 1;
  const head = size < 60 ? [size << 2] : [60 << 2, size];
  const copies = {
    1: [1 | ((length - 4) << 2) | ((distance >> 8) << 5), distance & 0xff],
    2: [2 | ((length - 1) << 2), distance & 0xff, distance >> 8],
    3: [3 | ((length - 1) << 2), distance & 0xff, distance >> 8, 0, 0],
  } as const;
  return [...head, ...literal, ...copies[form as 1 | 2 | 3]];
}

function lz4(literal: Buffer, distance: number, length: number): number[] {
  const [first, second] = [Math.min(15, literal.length), Math.min(15, length - 4)];
  const rest = (size: number) => (size < 15 ? [] : [size - 15]);
  const head = [(first << 4) | second, ...rest(literal.length), ...literal];
  return [...head, distance & 0xff, distance >> 8, ...rest(length - 4)];
}

const varint = (value: number): number[] =>
  value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))];

describe('what is compressed in blocks', () => {
  it('expands, wherever a piece of it ends', async () => {
    await fc.assert(
      fc.asyncProperty(elements, fc.integer({ min: 1, max: 400 }), async (each, piece) => {
        const { expanded, stored } = written(each, snappy);
        const bytes = Buffer.from([...varint(expanded.length), ...stored]);
        expect((await expand('SNAPPY', bytes, expanded.length, piece)).equals(expanded)).toBe(true);
        const other = written(each, lz4);
        // The last sequence has a literal only.
        const ended = Buffer.from([...other.stored, 1 << 4, 7]);
        const whole = Buffer.concat([other.expanded, Buffer.of(7)]);
        expect((await expand('LZ4_RAW', ended, whole.length, piece)).equals(whole)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it('expands a long copy, and one literal of many pieces', async () => {
    const size = 3 << 20;
    const run = [0x1f, 7, 1, 0, ...Array(Math.floor((size - 20) / 255)).fill(255), (size - 20) % 255];
    const bytes = Buffer.from([...run, 0x10, 7]);
    expect((await expand('LZ4_RAW', bytes, size + 1, 1000)).equals(Buffer.alloc(size + 1, 7))).toBe(true);
    const literal = Buffer.from(Array.from({ length: size }, (_, at) => (at * 7919) >> 5));
    const stored = Buffer.concat([
      Buffer.from([...varint(size), 62 << 2, ...[0, 8, 16].map((by) => ((size - 1) >> by) & 0xff)]),
      literal,
    ]);
    expect((await expand('SNAPPY', stored, size)).equals(literal)).toBe(true);
  });

  it.each([
    [
      'a copy from before the beginning',
      [200, 1, 4, 1, 2, 2 | (49 << 2), 3, 0],
      /copies from 3 bytes before/,
    ],
    ['a copy from nowhere', [200, 1, 4, 1, 2, 2 | (49 << 2), 0, 0], /copies from 0 bytes before/],
    ['another size in its head', [2, 4, 1, 2], /expands to another size/],
    ['an end too soon', [200, 1, 4, 1, 2], /holds less than/],
    ['a literal that is not there', [200, 1, 60 << 2, 197, 1], /holds less than/],
  ])('refuses Snappy with %s', async (_, bytes, message) => {
    // A hundred bytes more, so that the inner loop sees it as well.
    for (const after of [[], Array(100).fill(0)]) {
      const read = expand('SNAPPY', Buffer.from([...bytes, ...after]), 200);
      await expect(read).rejects.toThrow(ParquetError);
      await expect(read).rejects.toThrow(message);
    }
  });

  it.each(['GZIP', 'SNAPPY', 'LZ4_RAW'] as const)(
    'refuses %s of another size than is said',
    async (codec) => {
      const literal = Buffer.alloc(50, 7);
      const stored = {
        GZIP: () => gzipSync(literal),
        SNAPPY: (said: number) => Buffer.from([said, 49 << 2, ...literal]),
        LZ4_RAW: () => Buffer.from([0xf0, 35, ...literal]),
      }[codec];
      expect((await expand(codec, stored(50), 50)).equals(literal)).toBe(true);
      for (const said of [49, 51]) {
        await expect(expand(codec, stored(said), said)).rejects.toThrow(ParquetError);
      }
    },
  );
});

/** Numbers of so many bits, packed from the lowest bit on. */
function packed(values: readonly number[], width: number): number[] {
  const bits = values.flatMap((value) =>
    Array.from({ length: width }, (_, bit) => Math.floor(value / 2 ** bit) % 2),
  );
  return Array.from({ length: Math.ceil(bits.length / 8) }, (_, byte) =>
    bits.slice(byte * 8, byte * 8 + 8).reduce((sum, bit, at) => sum + (bit << at), 0),
  );
}

const reader = (bytes: readonly number[], piece: number) =>
  new ByteReader(inPieces(Buffer.from(bytes), piece), bytes.length);

const ofWidth = (width: number) => fc.integer({ min: 0, max: 2 ** width - 1 });

describe('numbers', () => {
  it('in runs, repeated and packed, are read at every width', async () => {
    const runs = fc.integer({ min: 0, max: 32 }).chain((width) =>
      fc.record({
        width: fc.constant(width),
        runs: fc.array(
          fc.oneof(
            fc.record({ times: fc.integer({ min: 1, max: 300 }), value: ofWidth(width) }),
            fc
              .array(ofWidth(width), { minLength: 8, maxLength: 64 })
              .map((all) => all.slice(0, all.length & ~7)),
          ),
          { maxLength: 12 },
        ),
      }),
    );
    await fc.assert(
      fc.asyncProperty(runs, fc.integer({ min: 1, max: 60 }), async ({ width, runs }, piece) => {
        const bytes = runs.flatMap((run) =>
          Array.isArray(run)
            ? [...varint((run.length / 8) * 2 + 1), ...packed(run, width)]
            : [...varint(run.times * 2), ...packed([run.value], width)],
        );
        const expected = runs.flatMap((run) => (Array.isArray(run) ? run : Array(run.times).fill(run.value)));
        const numbers = new RunReader(reader(bytes, piece), width);
        for (const value of expected) expect(await numbers.next()).toBe(value);
        // At the end there is no next one, at once or later.
        await expect((async () => numbers.next())()).rejects.toThrow(ParquetError);
      }),
    );
  });

  it('as differences are read, whatever stands where no value needs it', async () => {
    const zigzag = (value: number) => varint(value < 0 ? -2 * value - 1 : 2 * value);
    const length = fc.integer({ min: 0, max: 2 ** 31 - 1 });
    await fc.assert(
      fc.asyncProperty(fc.array(length, { minLength: 1, maxLength: 300 }), async (values) => {
        const bytes = [
          ...varint(128),
          ...varint(4),
          ...varint(values.length),
          ...zigzag(values[0] as number),
        ];
        for (let start = 1; start < values.length; start += 128) {
          const block = values
            .slice(start, start + 128)
            .map((value, at) => value - (values[start + at - 1] as number));
          const least = Math.min(...block);
          const parts = [0, 32, 64, 96].map((at) => block.slice(at, at + 32).map((each) => each - least));
          // A part without values has any width, and nothing is written of it.
          const widths = parts.map((part) => (part.length === 0 ? 77 : Math.max(...part).toString(2).length));
          if (widths.some((width, at) => width > 32 && (parts[at]?.length ?? 0) > 0)) return;
          bytes.push(...zigzag(least), ...widths);
          for (const [at, part] of parts.entries()) {
            const padded = part.length > 0 ? [...part, ...Array(32 - part.length).fill(0)] : [];
            bytes.push(...packed(padded, widths[at] as number));
          }
        }
        const read = reader([...bytes, 42], 7);
        expect([...(await readDeltas(read, values.length))]).toEqual(values);
        await read.need(1);
        expect(read.byte()).toBe(42);
        await expect(readDeltas(reader(bytes, 7), values.length - 1)).rejects.toThrow(ParquetError);
      }),
    );
  });

  it.each([
    ['no parts', [128, 1, 0, 1, 0]],
    ['parts of no whole bytes', [128, 1, 3, 1, 0]],
    ['blocks of a gibibyte', [...varint(2 ** 30), 4, 1, 0]],
    ['more lengths than memory', [128, 1, 4, ...varint(2 ** 40), 0]],
    ['a number without an end', Array(20).fill(0xff)],
  ])('as differences of %s are refused', async (_, bytes) => {
    await expect(readDeltas(reader(bytes, 7), 2 ** 31)).rejects.toThrow(ParquetError);
  });
});
