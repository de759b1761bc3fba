import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { ConfigError, DataError, errorMessage, nearest } from '../../core/index.js';
import type { Document } from '../document.js';
import { chunksOf } from './chunks.js';
import type { CorpusFile } from './files.js';
import type { TableFormat } from './format.js';
import type { CorpusOptions } from './options.js';
import { blocksOf } from './text.js';

/** DuckDB keeps within this, beside the rows that are handed over. */
const MEMORY_LIMIT = '192MB';

const READERS: Readonly<Record<TableFormat, string>> = {
  jsonl: "read_json($path, format = 'newline_delimited')",
  json: "read_json($path, format = 'auto')",
  csv: 'read_csv($path, header = true, strict_mode = true)',
  tsv: `read_csv($path, header = true, strict_mode = true, delim = '\t')`,
  parquet: 'read_parquet($path)',
};

/** Columns that are text without being told, the first one of these that a table has. */
const USUAL_NAMES = ['text', 'content', 'body', 'sequence'];

type TableOptions = Pick<CorpusOptions, 'textColumn' | 'where'>;

/**
 * The records of a table, each a document `file:number`, counted from 1 before any condition. Throws a ConfigError for a
 * column or a condition that the table does not bear, and a DataError for a file that is not what its name says.
 */
export async function* tableDocuments(
  file: CorpusFile,
  options: TableOptions,
): AsyncGenerator<Document, void> {
  const { connection, close } = await openTable(file);
  try {
    const columns = await columnsOf(connection, file);
    const text = textExpression(columns, options, file);
    const condition = options.where === undefined ? '' : ` where (${options.where}\n)`;
    const rows = 'select *, row_number() over () as "row of file" from corpus';
    const sql = `select ${text}, "row of file" from (${rows})${condition}`;
    const result = await attempt(file, () => connection.stream(sql), options.where);
    for (;;) {
      const chunk = await attempt(file, () => result.fetchChunk());
      if (!chunk || chunk.rowCount === 0) return;
      const [texts, numbers] = [chunk.getColumnValues(0), chunk.getColumnValues(1)];
      for (const [index, value] of texts.entries()) {
        if (typeof value === 'string') yield { id: `${file.id}:${numbers[index]}`, text: value };
      }
    }
  } finally {
    await close();
  }
}

interface OpenTable {
  readonly connection: DuckDBConnection;
  readonly close: () => Promise<void>;
}

/** A database that sees one file, as the view `corpus`, and nothing else of the machine. */
async function openTable(file: CorpusFile): Promise<OpenTable> {
  // Loaded late: it is large, and few commands need it.
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const piped = file.isPipe ? await keepPipe(file) : undefined;
  const path = piped?.path ?? file.path;
  const instance = await DuckDBInstance.create(':memory:', { threads: '1', memory_limit: MEMORY_LIMIT });
  const connection = await instance.connect();
  const close = async () => {
    connection.closeSync();
    instance.closeSync();
    await piped?.remove();
  };
  try {
    const reader = READERS[file.format as TableFormat].replace('$path', () => quoted(path));
    await connection.run(`set allowed_paths = [${quoted(path)}]`);
    await connection.run('set enable_external_access = false');
    await attempt(file, () => connection.run(`create view corpus as select * from ${reader}`));
    return { connection, close };
  } catch (cause) {
    await close();
    throw cause;
  }
}

/** A table cannot be read from its beginning to its end only, as a pipe can: it is copied, and removed when it is read. */
async function keepPipe(
  file: CorpusFile,
): Promise<{ readonly path: string; readonly remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'lacuna-pipe-'));
  const path = join(folder, `records.${file.format}${file.compression ? `.${file.compression}` : ''}`);
  await pipeline(chunksOf(file.path), createWriteStream(path));
  return { path, remove: () => rm(folder, { recursive: true, force: true }) };
}

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
const identifier = (name: string) => `"${name.replaceAll('"', '""')}"`;

interface Column {
  readonly name: string;
  readonly type: string;
}

async function columnsOf(connection: DuckDBConnection, file: CorpusFile): Promise<Column[]> {
  const described = await attempt(file, () => connection.runAndReadAll('describe corpus'));
  return described.getRows().map(([name, type]) => ({ name: String(name), type: String(type) }));
}

/** The text of a record in SQL. */
function textExpression(columns: readonly Column[], { textColumn }: TableOptions, file: CorpusFile): string {
  const names = textColumn ?? [usualColumn(columns, file)];
  for (const name of names) {
    if (columns.some((column) => column.name === name)) continue;
    const known = columns.map((column) => column.name);
    const near = nearest(name, known);
    throw new ConfigError(
      `'${file.path}' has no column '${name}'; ${near === undefined ? `its columns are ${known.join(', ')}` : `did you mean '${near}'?`}`,
    );
  }
  const texts = names.map((name) => `cast(${identifier(name)} as varchar)`);
  return texts.length === 1 ? String(texts[0]) : `concat_ws(chr(10), ${texts.join(', ')})`;
}

function usualColumn(columns: readonly Column[], file: CorpusFile): string {
  const ofText = columns.filter(({ type }) => type === 'VARCHAR').map(({ name }) => name);
  const usual = USUAL_NAMES.find((name) => ofText.includes(name));
  const [only, second] = ofText;
  if (usual !== undefined) return usual;
  if (only !== undefined && second === undefined) return only;
  const all = columns.map(({ name, type }) => `${name} (${type})`).join(', ');
  throw new ConfigError(`'${file.path}': say which column is the text by --text-column; there are ${all}`);
}

async function attempt<Result>(
  file: CorpusFile,
  action: () => Promise<Result>,
  where?: string,
): Promise<Result> {
  try {
    return await action();
  } catch (cause) {
    const message = firstLines(errorMessage(cause));
    const { path, format } = file;
    if (where !== undefined && /(?:Binder|Parser|Conversion|Catalog) Error/.test(message)) {
      throw new ConfigError(`--where ${where}: ${message}`, { cause });
    }
    const line = format === 'jsonl' && !file.isPipe ? await malformedLine(file) : undefined;
    if (line !== undefined) throw new DataError(`'${path}', line ${line}: expected a JSON object`, { cause });
    throw new DataError(`'${path}' cannot be read as ${format}: ${message}`, { cause });
  }
}

/** The first line that is no JSON object, from 1: DuckDB counts otherwise. */
async function malformedLine(file: CorpusFile): Promise<number | undefined> {
  let number = 0;
  for await (const { text } of blocksOf(file)) {
    for (const line of text.split('\n')) {
      number++;
      if (line.trim() !== '' && !isJsonObject(line)) return number;
    }
    // What follows a line's end in one block begins the next line in the next block.
    number--;
  }
  return undefined;
}

function isJsonObject(line: string): boolean {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

/** What DuckDB says, without its advice and its drawing of the query. */
function firstLines(message: string): string {
  const [facts = ''] = message.split(/\n\s*\n|\nLINE \d|\nPossible/);
  return facts.trim().replaceAll(/\s*\n\s*/g, '; ');
}
