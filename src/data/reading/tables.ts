import type { Document } from '../document.js';
import { type ColumnKind, textColumns } from './columns.js';
import type { CorpusFile } from './files.js';
import type { CorpusOptions } from './options.js';
import { openTableDatabase, type TableDatabase } from './table-database.js';
import { attempt } from './table-errors.js';
import { type TableQuestion, tableRows, typedColumns } from './table-rows.js';
import { asText, identifier, type TableSource, tableSource } from './table-sources.js';

type TableOptions = Pick<CorpusOptions, 'textColumn' | 'where'>;

/**
 * The records of a Parquet file or an array of JSON, each a document `file:number`, counted from 1 before any condition. Throws a
 * ConfigError for a column or a condition that the table does not bear, and a DataError for a file that is not what its name
 * says.
 */
export async function* tableDocuments(
  file: CorpusFile,
  options: TableOptions,
): AsyncGenerator<Document, void> {
  const database = await openTableDatabase(file);
  try {
    const question = await questionOf(database, file, options);
    if (!question) return;
    for await (const { value, number } of tableRows(database, file, question, options.where)) {
      if (typeof value === 'string') yield { id: `${file.id}:${number}`, text: value };
    }
  } finally {
    await database.close();
  }
}

/** Asks for the text of each record; undefined of a table without any. */
async function questionOf(
  database: TableDatabase,
  file: CorpusFile,
  { textColumn, where }: TableOptions,
): Promise<TableQuestion | undefined> {
  const source = await tableSource(file, database.path);
  const columns = await typedColumns(database, file, source);
  const kinds = columns.map(({ name, type }) => ({ name, kind: kindOfType(type) }));
  let names: readonly string[];
  try {
    names = textColumns(file, kinds, textColumn);
  } catch (error) {
    if (!textColumn && (await isEmpty(database, file, source))) return undefined;
    throw error;
  }
  // Without a condition nobody asks what the other columns are.
  const needed = where !== undefined ? columns : [];
  const value = textExpression(names);
  return { from: source.typed(asText(needed, names)), value, ...(where !== undefined && { where }) };
}

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
  { connection }: TableDatabase,
  file: CorpusFile,
  { guessed }: TableSource,
): Promise<boolean> {
  const first = await attempt(file, () => connection.runAndReadAll(`select 1 from ${guessed} limit 1`));
  return first.currentRowCount === 0;
}
