import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DataError, RandomPurpose, RandomStream } from '../../../core/index.js';
import { WindowError } from '../zstd-window.js';
import type { ParquetSource } from './file-blocks.js';
import { parquetTexts } from './index.js';
import { ParquetError } from './parquet-error.js';

let folder: string;
let instance: DuckDBInstance;
let connection: DuckDBConnection;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lacuna-parquet-'));
  instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  connection = await instance.connect();
});
afterAll(async () => {
  connection.closeSync();
  instance.closeSync();
  await rm(folder, { recursive: true });
});

const sourceOf = (bytes: Buffer): ParquetSource => ({
  sizeBytes: bytes.length,
  read: async (position, sizeBytes) => bytes.subarray(position, position + sizeBytes),
});

/** Undefined of a file that is left to DuckDB. */
async function textsOf(
  bytes: Buffer,
  names: readonly string[] = ['text'],
): Promise<(string | undefined)[] | undefined> {
  const batches = await parquetTexts(sourceOf(bytes), 'a.parquet', names);
  if (!batches) return undefined;
  const texts: (string | undefined)[] = [];
  for await (const batch of batches) texts.push(...batch);
  return texts;
}

/** Writes what `select` says as Parquet, and asks DuckDB for the texts in it. */
async function written(select: string, options: string, value = 'text') {
  const path = join(folder, 'a.parquet');
  await connection.run(`copy (${select}) to '${path}' (format parquet, ${options})`);
  const { getRows } = await connection
    .runAndReadAll(`select ${value} from read_parquet('${path}')`)
    .then((reader) => ({ getRows: () => reader.getRows() }));
  return { bytes: await readFile(path), texts: getRows().map(([text]) => text ?? undefined) };
}

const goldens = new URL('./goldens/', import.meta.url);
const golden = (name: string) => readFileSync(new URL(name, goldens));
const names = readdirSync(goldens).filter((name) => name.endsWith('.parquet'));
const goldenTexts = JSON.parse(golden('texts.json').toString()) as (string | null)[];

describe('Parquet of pyarrow', () => {
  it.each(names)('%s gives its texts', async (name) => {
    const missing = name.startsWith('required') ? '' : undefined;
    expect(await textsOf(golden(name))).toEqual(goldenTexts.map((text) => text ?? missing));
  });
});

describe('Parquet of DuckDB', () => {
  const codecs = ['uncompressed', 'snappy', 'gzip', 'zstd', 'brotli', 'lz4_raw'];

  it.each(codecs)(
    'gives the same texts as DuckDB, compressed as %s',
    async (codec) => {
      const table = fc.record({
        rows: fc.integer({ min: 0, max: 9000 }),
        group: fc.constantFrom(2048, 4096, 100_000),
        version: fc.constantFrom('v1', 'v2'),
        missing: fc.integer({ min: 1, max: 12 }),
        empty: fc.integer({ min: 1, max: 12 }),
        long: fc.integer({ min: 500, max: 3000 }),
        distinct: fc.constantFrom(1, 3, 200, 1_000_000),
        seed: fc.integer({ min: 0, max: 1000 }),
      });
      await fc.assert(
        fc.asyncProperty(table, async ({ rows, group, version, missing, empty, long, distinct, seed }) => {
          const random = `md5((i % ${distinct} + ${seed})::varchar)`;
          const text = `case when i % ${missing} = 1 then null when i % ${empty} = 2 then ''
          when i % ${long} = 7 then repeat('é😀' || ${random}, i % 9000) when i % 5 = 0 then ${random} || 'Ω' || ${random}
          else 'text ' || (i % ${distinct}) end`;
          const { bytes, texts } = await written(
            `select i, ${text} as text from range(${rows}) r(i)`,
            `compression ${codec}, parquet_version ${version}, row_group_size ${group}`,
          );
          expect(await textsOf(bytes)).toEqual(texts);
        }),
        { numRuns: 8 },
      );
    },
    60_000,
  );

  it('gives a text of many blocks, of what does not compress too', async () => {
    const random = "list_aggregate(list_transform(range(30000 * i), x -> md5(x::varchar)), 'string_agg', '')";
    for (const codec of codecs) {
      const { bytes, texts } = await written(
        `select ${random} as text from range(4) r(i)`,
        `compression ${codec}`,
      );
      expect(await textsOf(bytes)).toEqual(texts);
    }
  }, 60_000);

  it('joins several columns by line feeds, of which each has its own pages', async () => {
    const { bytes, texts } = await written(
      "select 'a' || (i % 3) as a, case when i % 4 = 0 then null else repeat(i::varchar, 50) end as b from range(6000) r(i)",
      'row_group_size 2048',
      'concat_ws(chr(10), b, a)',
    );
    expect(await textsOf(bytes, ['b', 'a'])).toEqual(texts);
  });

  it.each([
    ['a number', 'select 1 as text'],
    ['a list', "select ['a'] as text"],
    ['a column in another', "select {'text': 'a'} as t"],
  ])('leaves %s to DuckDB', async (_, select) => {
    expect(await textsOf((await written(select, 'compression snappy', '1')).bytes)).toBeUndefined();
  });
});

describe('a damaged Parquet file', () => {
  /** The golden with one byte changed; pages come before the footer. */
  const damaged = (name: string, at: number, byte: number) => {
    const bytes = Buffer.from(golden(name));
    bytes[at] = byte;
    return bytes;
  };

  it('is refused by name and row group', async () => {
    const read = textsOf(damaged('plain-1-lz4.parquet', 4, 0xff));
    await expect(read).rejects.toThrow(DataError);
    await expect(read).rejects.toThrow(/^'a\.parquet', row group 1, /);
  });

  it('that is cut short, or whose footer names what is not there, is refused', async () => {
    const bytes = golden('plain-2-none.parquet');
    const footer = bytes.readUInt32LE(bytes.length - 8) + 8;
    const short = Buffer.concat([bytes.subarray(0, 200), bytes.subarray(-footer)]);
    await expect(textsOf(short)).rejects.toThrow(/'a\.parquet' has a footer that names bytes/);
  });

  it('with a text that is not UTF-8 is refused', async () => {
    const at = golden('plain-2-none.parquet').indexOf('é and');
    await expect(textsOf(damaged('plain-2-none.parquet', at, 0xff))).rejects.toThrow(
      /row group 1, has a value that is not UTF-8/,
    );
  });

  // Whatever is changed, a text comes out or an error that says so, at once and in little memory.
  it('gives texts or a DataError, never another error', async () => {
    const outcomes = { read: 0, refused: 0, left: 0 };
    for (let round = 0; round < 1500; round++) {
      const bytes = mutated(golden(names[round % names.length] as string), round);
      try {
        outcomes[(await textsOf(bytes)) ? 'read' : 'left']++;
      } catch (error) {
        expect(error).toBeInstanceOf(DataError);
        const { cause } = error as DataError;
        // Beside what is found here only what zlib and fzstd find, which number their errors.
        const isFound = cause instanceof ParquetError || cause instanceof WindowError;
        if (!isFound) expect(cause).toMatchObject({ code: expect.anything() });
        outcomes.refused++;
      }
    }
    expect(outcomes.read).toBeGreaterThan(50);
    expect(outcomes.refused).toBeGreaterThan(500);
  }, 60_000);
});

/** One to three changes among the pages: a byte replaced, a bit turned, a stretch moved. */
function mutated(original: Buffer, round: number): Buffer {
  const random = new RandomStream(0, RandomPurpose.sampling, round);
  const bytes = Buffer.from(original);
  const pages = bytes.length - bytes.readUInt32LE(bytes.length - 8) - 8;
  for (let changes = 1 + random.nextInt(3); changes > 0; changes--) {
    const at = random.nextInt(round % 10 === 0 ? bytes.length : pages);
    const kind = random.nextInt(4);
    if (kind === 0) bytes[at] = random.nextInt(256);
    else if (kind === 1) bytes[at] = 0xff;
    else if (kind === 2) bytes[at] = (bytes[at] as number) ^ (1 << random.nextInt(8));
    else bytes.copyWithin(at, random.nextInt(pages), random.nextInt(pages));
  }
  return bytes;
}
