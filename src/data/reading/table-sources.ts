import { readCsvHeader } from './csv-header.js';
import type { CorpusFile } from './files.js';
import { blocksOf } from './text.js';

/** A column of a table, with its type in DuckDB's words. */
export interface TypedColumn {
  readonly name: string;
  readonly type: string;
}

/** What DuckDB is asked to read. */
export interface TableSource {
  /** The whole table, its types as its file says or, of JSON, guessed from the first 20,480 records; of CSV all text. */
  readonly guessed: string;
  /** These columns of it at least, as those types. */
  readonly typed: (columns: readonly TypedColumn[]) => string;
  /** Of CSV: the columns as the header names them, as text. */
  readonly header?: readonly TypedColumn[];
}

/** A field of CSV takes at most that; a buffer holds two. */
const CSV_SIZES = 'max_line_size = 8388608, buffer_size = 16777216';

/** Says a string in SQL. */
export const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;

/** Says the name of a column in SQL. */
export const identifier = (name: string) => `"${name.replaceAll('"', '""')}"`;

/** Says how to read the table at `path`, which is what `file` is. Throws a DataError for a CSV header that cannot be one. */
export async function tableSource(file: CorpusFile, path: string): Promise<TableSource> {
  const { format } = file;
  if (format === 'csv' || format === 'tsv') return csvSource(file, path);
  if (format === 'parquet') {
    const reader = `read_parquet(${quoted(path)})`;
    return { guessed: reader, typed: () => reader };
  }
  const json = `read_json(${quoted(path)}, format = '${format === 'jsonl' ? 'newline_delimited' : 'auto'}'`;
  return { guessed: `${json})`, typed: (columns) => `${json}, columns = ${struct(columns)})` };
}

/** Nothing of the dialect is left to guesses, which skip lines that do not fit them: only the delimiter, by the header. */
async function csvSource(file: CorpusFile, path: string): Promise<TableSource> {
  const blocks = blocksOf({ ...file, path });
  const { delimiter = ',', names = [] } = (await readCsvHeader(file, blocks)) ?? {};
  await blocks.return();
  const header = names.map((name) => ({ name, type: 'VARCHAR' }));
  const dialect = `delim = ${quoted(delimiter)}, quote = '"', escape = '"', comment = '', header = true, skip = 0`;
  const reader = `read_csv(${quoted(path)}, ${dialect}, strict_mode = true, ${CSV_SIZES}`;
  const typed = (columns: readonly TypedColumn[]) =>
    `${reader}, auto_detect = false, columns = ${struct(columns)})`;
  return {
    guessed: typed(header),
    typed,
    header,
  };
}

/** The columns with these among them as text, as they stand: neither dates nor numbers, which would be written otherwise. */
export function asText(columns: readonly TypedColumn[], names: readonly string[]): readonly TypedColumn[] {
  const added = names.filter(
    (name, index) => names.indexOf(name) === index && !columns.some((each) => each.name === name),
  );
  const type = 'VARCHAR';
  return [
    ...columns.map((column) => (names.includes(column.name) ? { ...column, type } : column)),
    ...added.map((name) => ({ name, type })),
  ];
}

function struct(columns: readonly TypedColumn[]): string {
  return `{${columns.map(({ name, type }) => `${quoted(name)}: ${quoted(type)}`).join(', ')}}`;
}
