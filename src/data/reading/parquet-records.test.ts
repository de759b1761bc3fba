import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError, DataError } from '../../core/index.js';
import { Corpus, readCorpus } from './index.js';
import { openDescriptors } from './testing/index.js';

let root: string;
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
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'lacuna-parquet-records-'));
});
afterEach(() => rm(root, { recursive: true }));

async function write(select: string, options = 'row_group_size 2048'): Promise<string> {
  const path = join(root, 'a.parquet');
  await connection.run(`copy (${select}) to '${path}' (format parquet, ${options})`);
  return path;
}

/** Rows of three groups, some without text. */
const ROWS = `select i, case when i % 10 = 3 then null else 'Text ' || i end as body, ['x' || i] as tags,
  case when i % 2 = 0 then 'en' else 'de' end as lang from range(5000) r(i)`;

describe('records of Parquet', () => {
  it('are numbered from 1, those without text too, whatever a condition says', async () => {
    const path = await write(ROWS);
    const rows = Array.from({ length: 5000 }, (_, row) => row).filter((row) => row % 10 !== 3);
    const documents = rows.map((row) => ({ id: `a.parquet:${row + 1}`, text: `Text ${row}` }));
    expect(await readCorpus([path])).toEqual(documents);
    expect(await readCorpus([path], { where: 'true' })).toEqual(documents);
    const even = documents.filter((_, index) => (rows[index] as number) % 2 === 0);
    expect(await readCorpus([path], { where: "lang = 'en'" })).toEqual(even);
    expect(await readCorpus([path], { where: "tags[1] = 'x4001' and length(body) > 2" })).toEqual([
      { id: 'a.parquet:4002', text: 'Text 4001' },
    ]);
    expect(await readCorpus([path], { textColumn: ['lang', 'body'], where: 'i between 2 and 4' })).toEqual([
      { id: 'a.parquet:3', text: 'en\nText 2' },
      { id: 'a.parquet:4', text: 'de' },
      { id: 'a.parquet:5', text: 'en\nText 4' },
    ]);
  });

  it('have columns that are no text taken by DuckDB as text', async () => {
    const path = await write(ROWS);
    const read = await readCorpus([path], { textColumn: ['tags', 'i'], where: 'i = 7' });
    expect(read).toEqual([{ id: 'a.parquet:8', text: '[x7]\n7' }]);
  });

  it.each([
    [{ textColumn: ['bodi'] }, "has no column 'bodi'; did you mean 'body'?"],
    [{ where: 'nothing = 1' }, '--where nothing = 1: Binder Error'],
    [{ where: 'cast(lang as integer) = 1' }, '--where cast'],
  ])('refuse %j', async (options, message) => {
    const read = readCorpus([await write(ROWS)], options);
    await expect(read).rejects.toThrow(ConfigError);
    await expect(read).rejects.toThrow(message);
  });

  it('of a file that is damaged are refused by its name and row group, under a condition too', async () => {
    const path = await write(ROWS, 'row_group_size 2048, compression uncompressed');
    const bytes = readFileSync(path);
    const second = bytes.indexOf('Text 2998');
    bytes.fill(0xff, second, second + 64);
    await writeFile(path, bytes);
    for (const options of [{ textColumn: ['body'] }, { textColumn: ['body'], where: "lang = 'en'" }]) {
      const read = readCorpus([path], options);
      await expect(read).rejects.toThrow(DataError);
      await expect(read).rejects.toThrow(/a\.parquet', row group 2, /);
    }
  });

  it('are closed when nobody reads on', async () => {
    const path = await write(ROWS);
    for (const options of [{}, { where: "lang = 'en'" }]) {
      const reading = (await Corpus.open([path], options)).documents();
      await reading.next();
      await reading.return();
    }
    expect(openDescriptors(path)).toBe(0);
  });

  it('take less than half of the memory of a page of 80 MB', async () => {
    const path = await write(
      'select repeat(md5(i::varchar), 25) as text from range(100000) r(i)',
      'row_group_size 200000, dictionary_size_limit 1',
    );
    let [documents, most] = [0, 0];
    for await (const group of (await Corpus.open([path])).documents()) {
      documents += group.length;
      most = Math.max(most, process.memoryUsage().arrayBuffers);
    }
    expect(documents).toBe(100_000);
    expect(most).toBeLessThan(40 << 20);
  }, 30_000);
});
