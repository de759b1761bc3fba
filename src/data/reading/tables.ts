import type { DuckDBConnection } from '@duckdb/node-api';
import { DataError } from '../../core/index.js';
import type { Document } from '../document.js';
import { type ColumnKind, textColumns } from './columns.js';
import type { CorpusFile } from './files.js';
import type { CorpusOptions } from './options.js';
import { openTableDatabase, type TableDatabase } from './table-database.js';
import { attempt } from './table-errors.js';
import { type TableSource, type TypedColumn, tableSource } from './table-sources.js';

/** The number of the row after the last record: DuckDB's client ends a stream that fails as it ends one that is done. */
const END = -1n;

type TableOptions = Pick<CorpusOptions, 'textColumn' | 'where'>;

/**
 * The records of a table, each a document `file:number`, counted from 1 before any condition. Throws a ConfigError for a
 * column or a condition that the table does not bear, and a DataError for a file that is not what its name says.
 */
export async function* tableDocuments(
  file: CorpusFile,
  options: TableOptions,
): AsyncGenerator<Document, void> {
  const database = await openTableDatabase(file);
  try {
    const sql = await queryOf(database, file, options);
    if (sql === undefined) return;
    const result = await attempt(file, () => database.connection.stream(sql), options.where);
    let hasEnded = false;
    for (;;) {
      const chunk = await attempt(file, () => result.fetchChunk(), options.where);
      if (!chunk || chunk.rowCount === 0) break;
      // One at a time: a chunk has 2,048 rows, whatever they hold.
      const [texts, numbers] = [chunk.getColumnVector(0), chunk.getColumnVector(1)];
      for (let index = 0; index < chunk.rowCount; index++) {
        const text = texts.getItem(index);
        const number = numbers.getItem(index);
        hasEnded = number === END;
        if (typeof text === 'string') yield { id: `${file.id}:${number}`, text };
      }
    }
    if (!hasEnded) await explainEnd(database, file, sql, options);
  } finally {
    await database.close();
  }
}

/** A stream that fails does not say so: it is read again at once, which does. */
async function explainEnd(
  { connection }: TableDatabase,
  file: CorpusFile,
  sql: string,
  { where }: TableOptions,
): Promise<never> {
  await attempt(file, () => connection.run(`select sum(length(text)) from (${sql})`), where);
  throw new DataError(
    `'${file.path}' ended before all of its records were read: expected a ${file.format} file`,
  );
}

/** The text and the number of each record, in SQL, and a last row with the number {@link END}; undefined of a table without any. */
async function queryOf(
  { connection, path }: TableDatabase,
  file: CorpusFile,
  options: TableOptions,
): Promise<string | undefined> {
  const { textColumn, where } = options;
  const source = await tableSource(file, path);
  const columns = await columnsOf(connection, file, source);
  const kinds = columns.map(({ name, type }) => ({ name, kind: kindOfType(type) }));
  let names: readonly string[];
  try {
    names = textColumns(file, kinds, textColumn);
  } catch (error) {
    if (!textColumn && (await isEmpty(connection, file, source))) return undefined;
    throw error;
  }
  // As text they are read as they stand: neither dates nor numbers, which would be written otherwise.
  const asText = (column: TypedColumn) =>
    names.includes(column.name) ? { ...column, type: 'VARCHAR' } : column;
  // Without a condition nobody asks what the other columns are.
  const needed = where !== undefined ? columns : columns.filter(({ name }) => names.includes(name));
  const rows = `select *, row_number() over () as "row of file" from ${source.typed(needed.map(asText))}`;
  const condition = where === undefined ? '' : ` where (${where}\n)`;
  return `select ${textExpression(names)} as text, "row of file" from (${rows})${condition} union all select null, ${END}`;
}

async function columnsOf(
  connection: DuckDBConnection,
  file: CorpusFile,
  source: TableSource,
): Promise<readonly TypedColumn[]> {
  try {
    const described = await connection.runAndReadAll(`describe select * from ${source.guessed}`);
    const types = described.getRows().map(([name, type]) => ({ name: String(name), type: String(type) }));
    return (
      source.header?.map(({ name }, index) => ({ name, type: types[index]?.type ?? 'VARCHAR' })) ?? types
    );
  } catch (cause) {
    // A guess that fails says little; reading the columns as text says where the file is wrong.
    const { header } = source;
    if (header) {
      await attempt(file, () =>
        connection.run(`select count(*) from (select * from ${source.typed(header)})`),
      );
    }
    return attempt(file, () => Promise.reject(cause));
  }
}

const identifier = (name: string) => `"${name.replaceAll('"', '""')}"`;

function textExpression(names: readonly string[]): string {
  const texts = names.map((name) => `cast(${identifier(name)} as varchar)`);
  return texts.length === 1 ? String(texts[0]) : `concat_ws(chr(10), ${texts.join(', ')})`;
}

/** The kind that a type of DuckDB is. */
function kindOfType(type: string): ColumnKind {
  if (/^(?:STRUCT|MAP|UNION)|\[/.test(type)) return 'nested';
  const [, kind] = KINDS_OF_TYPES.find(([pattern]) => pattern.test(type)) ?? [];
  return kind ?? 'other';
}

const KINDS_OF_TYPES: readonly (readonly [RegExp, ColumnKind])[] = [
  [/^VARCHAR/, 'text'],
  [/^JSON/, 'mixed'],
  [/INT$|^(?:FLOAT|DOUBLE|DECIMAL)/, 'number'],
  [/^BOOLEAN/, 'boolean'],
  [/^(?:DATE|TIMESTAMP)/, 'date'],
  [/^TIME/, 'time'],
  [/^UUID/, 'UUID'],
];

async function isEmpty(
  connection: DuckDBConnection,
  file: CorpusFile,
  { guessed }: TableSource,
): Promise<boolean> {
  const first = await attempt(file, () => connection.runAndReadAll(`select 1 from ${guessed} limit 1`));
  return first.currentRowCount === 0;
}
