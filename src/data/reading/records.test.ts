import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Document } from '../document.js';
import { type CorpusOptions, readCorpus } from './index.js';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'lacuna-records-'));
});
afterEach(() => rm(root, { recursive: true }));

async function read(
  name: string,
  content: string | Uint8Array,
  options?: CorpusOptions,
): Promise<Document[]> {
  const path = join(root, name);
  await writeFile(path, content);
  return readCorpus([path], options);
}

/** Documents as they are read, and as DuckDB gives them by itself. */
async function bothWays(name: string, content: string, textColumn: readonly string[], table: string) {
  const documents = await read(name, content, { textColumn });
  // It counts the records just so, or the reader complains.
  expect(await read(name, content, { textColumn, where: 'true' })).toEqual(documents);
  const texts = await queried(`concat_ws(chr(10), ${textColumn.map(identifier).join(', ')})`, table);
  const queriedDocuments = texts.map((text, row) => ({ id: `${name}:${row + 1}`, text }));
  return [documents, queriedDocuments.filter(({ text }) => text.trim() !== '')];
}

const identifier = (name: string) => `"${name.replaceAll('"', '""')}"`;
const columnsOf = (names: readonly string[]) =>
  `columns = {${names.map((name) => `'${name}': 'VARCHAR'`).join(', ')}}`;

let instance: DuckDBInstance;
let connection: DuckDBConnection;
beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  connection = await instance.connect();
});
afterAll(() => {
  connection.closeSync();
  instance.closeSync();
});

async function queried(expression: string, table: string): Promise<string[]> {
  const result = await connection.runAndReadAll(`select ${expression} from ${table}`);
  return result.getRows().map(([text]) => String(text));
}

const word = fc.string({
  unit: fc.constantFrom('a', 'Ω', '😀', ' ', '"', ',', ';', '\t', '|', '\n', '\\', "'", '{'),
});

describe('records that are streamed are what DuckDB reads', () => {
  const value = fc.oneof(
    word,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.record({ in: fc.array(word, { maxLength: 2 }), n: fc.integer() }),
    fc.constantFrom('007', '2020-01-01', '12:30:00', '550e8400-e29b-41d4-a716-446655440000'),
  );
  const object = fc.dictionary(fc.constantFrom('text', 'b', 'Ω "c', '__proto__'), value, {
    noNullPrototype: true,
  });

  it('as JSONL', async () => {
    const line = fc.tuple(object, fc.constantFrom(0, 1), fc.constantFrom('\n', '\r\n', '\n\n', '\n  \r\n'));
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 12 }), async (lines) => {
        // All columns are in the first record; the last has text.
        const first = '{"text":"","b":"","Ω \\"c":"","__proto__":""}\n';
        const content = [first, ...lines.map(([each, indent, end]) => oneLine(each, indent) + end)].join('');
        const names = ['Ω "c', 'text', 'b', '__proto__'];
        const reader = `read_json('${join(root, 'a.jsonl')}', format = 'newline_delimited', ${columnsOf(names)})`;
        const [streamed, fromDuckDb] = await bothWays('a.jsonl', `${content}{"text":"end"}`, names, reader);
        expect(streamed).toEqual(fromDuckDb);
      }),
      { numRuns: 60 },
    );
  });

  const oneLine = (value: unknown, indent: number) =>
    JSON.stringify(value, null, indent).replaceAll('\n', ' ');

  it.each([',', ';', '\t', '|'])('as CSV with %j', async (delimiter) => {
    // A header without any delimiter leaves it to be the comma.
    const written = (columns: number) => (columns === 1 ? writtenWith(',') : writtenWith(delimiter));
    const cell = fc.tuple(word, fc.constantFrom('bare', 'quoted', 'spaced'));
    const table = fc.integer({ min: 1, max: 3 }).chain((columns) =>
      fc.record({
        columns: fc.constant(columns),
        rows: fc.array(fc.array(cell, { minLength: columns, maxLength: columns }), { maxLength: 8 }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(table, fc.constantFrom('\n', '\r\n'), async ({ columns, rows }, end) => {
        const names = ['text', 'b', 'c c'].slice(0, columns);
        const lines = rows.map((row) => row.map(written(columns)).join(delimiter));
        const last = ['end', '1', '2'].slice(0, columns).join(delimiter);
        const content = [names.join(delimiter), ...lines, last].join(end);
        const dialect = `delim = '${columns === 1 ? ',' : delimiter}', quote = '"', escape = '"', header = true, comment = ''`;
        const reader = `read_csv('${join(root, 'a.csv')}', ${dialect}, auto_detect = false, ${columnsOf(names)})`;
        const [streamed, fromDuckDb] = await bothWays('a.csv', content, names.toReversed(), reader);
        expect(streamed).toEqual(fromDuckDb);
      }),
      { numRuns: 60 },
    );
  });

  // What begins with a quote or holds a delimiter or a line end is no bare field.
  const writtenWith =
    (delimiter: string) =>
    ([text, style]: readonly [string, string]) => {
      const isBare =
        style === 'bare' && !/^ *"/.test(text) && !text.includes('\n') && !text.includes(delimiter);
      if (isBare) return text;
      const quoted = `"${text.replaceAll('"', '""')}"`;
      return style === 'spaced' ? ` ${quoted}  ` : quoted;
    };
});

describe('records', () => {
  it('longer than a block come whole, compressed or not', async () => {
    const texts = Array.from({ length: 4 }, (_, row) => `"${row}", é\n`.repeat(1 + row * 60_000));
    const expected = (name: string) => texts.map((text, row) => ({ id: `${name}:${row + 1}`, text }));
    const csv = ['text,n', ...texts.map((text) => `"${text.replaceAll('"', '""')}",1`)].join('\r\n');
    const jsonl = texts.map((text) => JSON.stringify({ text })).join('\r\n');
    for (const [name, content] of [
      ['a.csv', csv],
      ['a.jsonl', jsonl],
    ] as const) {
      expect(await read(name, content)).toEqual(expected(name));
      expect(await read(`${name}.gz`, gzipSync(content))).toEqual(expected(`${name}.gz`));
    }
  });

  it('are looked at for columns to a bound: a column that comes later is none', async () => {
    const early = `${JSON.stringify({ text: 'x'.repeat(1 << 20) })}\n`;
    const late = '{"text":"a","late":"b"}\n';
    expect(await read('a.jsonl', early.repeat(7) + late, { textColumn: ['late'] })).toEqual([
      { id: 'a.jsonl:8', text: 'b' },
    ]);
    await expect(read('a.jsonl', early.repeat(8) + late, { textColumn: ['late'] })).rejects.toThrow(
      "has no column 'late'; its columns are text",
    );
  });
});
