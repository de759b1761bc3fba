import type { Document } from '../document.js';
import { type ColumnKind, textColumns } from './columns.js';
import type { CorpusFile } from './files.js';
import type { CorpusOptions } from './options.js';
import { parquetDocuments } from './parquet-records.js';
import { openTableDatabase, type TableDatabase } from './table-database.js';
import { attempt } from './table-errors.js';
import { tableRows, typedColumns } from './table-rows.js';
import { asText, identifier, type TableSource, type TypedColumn, tableSource } from './table-sources.js';

type TableOptions = Pick<CorpusOptions, 'textColumn' | 'where'>;

/**
 * The records of a Parquet file or an array of JSON, each a document `file:number`, counted from 1 before any condition. Flat
 * columns of text of a Parquet file are streamed, whatever DuckDB is asked of them; of the rest it gives the texts. Throws a
 * ConfigError for a column or a condition that the table does not bear, and a DataError for a file that is not what its name says.
 */
export async function* tableDocuments(
  file: CorpusFile,
  { textColumn, where }: TableOptions,
): AsyncGenerator<Document, void> {
  const database = await openTableDatabase(file);
  try {
    const source = await tableSource(file, database.path);
    const columns = await typedColumns(database, file, source);
    const names = await textNames(database, file, source, columns, textColumn);
    if (!names) return;
    const isStrings = names.every((name) =>
      columns.some((each) => each.name === name && each.type === 'VARCHAR'),
    );
    if (file.format === 'parquet' && isStrings) {
      const streamed = await parquetDocuments(database, file, names, where);
      if (streamed) return yield* streamed;
    }
    // Without a condition nobody asks what the other columns are.
    const from = source.typed(asText(where !== undefined ? columns : [], names));
    const question = { from, value: textExpression(names), ...(where !== undefined && { where }) };
    for await (const { value, number } of tableRows(database, file, question, where)) {
      if (typeof value === 'string') yield { id: `${file.id}:${number}`, text: value };
    }
  } finally {
    await database.close();
  }
}

/** The columns that are the text; undefined where they are not clear and there is no record. */
async function textNames(
  database: TableDatabase,
  file: CorpusFile,
  source: TableSource,
  columns: readonly TypedColumn[],
  named: readonly string[] | undefined,
): Promise<readonly string[] | undefined> {
  const kinds = columns.map(({ name, type }) => ({ name, kind: kindOfType(type) }));
  try {
    return textColumns(file, kinds, named);
  } catch (error) {
    if (!named && (await isEmpty(database, file, source))) return undefined;
    throw error;
  }
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
