import { DataError } from '../../core/index.js';
import { parseDelimited } from '../delimited.js';
import type { CorpusFile } from './files.js';
import { linesOf } from './text.js';

/** A column of a table, with its type in DuckDB's words. */
export interface Column {
  readonly name: string;
  readonly type: string;
}

/** What DuckDB is asked to read. */
export interface TableSource {
  /** The whole table, its types guessed from all of it or, of JSON, from the first 20,480 records. */
  readonly guessed: string;
  /** These columns of it at least, as those types. */
  readonly typed: (columns: readonly Column[]) => string;
  /** Of CSV: the columns as the header names them; all text, where there is no need to guess. */
  readonly header?: readonly Column[];
}

/** A field of CSV takes at most that; a buffer holds two. */
const CSV_SIZES = 'max_line_size = 16777216, buffer_size = 33554432';

/** Says a string in SQL. */
export const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;

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
  const head = await headOf(file, path);
  const delimiter = file.format === 'tsv' ? '\t' : delimiterOf(head);
  const header = columnsOfHeader(file, parseDelimited(head, delimiter, path)[0] ?? []);
  const dialect = `delim = ${quoted(delimiter)}, quote = '"', escape = '"', comment = '', header = true, skip = 0`;
  const reader = `read_csv(${quoted(path)}, ${dialect}, strict_mode = true, ${CSV_SIZES}`;
  return {
    guessed: `${reader}, sample_size = -1)`,
    typed: (columns) => `${reader}, auto_detect = false, columns = ${struct(columns)})`,
    header,
  };
}

function struct(columns: readonly Column[]): string {
  return `{${columns.map(({ name, type }) => `${quoted(name)}: ${quoted(type)}`).join(', ')}}`;
}

/** The first record of a file as it stands; it may go over lines inside quotes. */
async function headOf(file: CorpusFile, path: string): Promise<string> {
  let head = '';
  for await (const line of linesOf({ ...file, path })) {
    head += head === '' ? line : `\n${line}`;
    if (head.split('"').length % 2 === 1) return head;
  }
  return head;
}

const DELIMITERS = [',', ';', '\t', '|'];

/** The delimiter of which the header has most outside quotes; a comma where it has none. */
function delimiterOf(head: string): string {
  const bare = head.replace(/"[^"]*"/g, '');
  const counts = DELIMITERS.map((delimiter) => bare.split(delimiter).length);
  return DELIMITERS[counts.indexOf(Math.max(...counts))] as string;
}

function columnsOfHeader({ path }: CorpusFile, names: readonly string[]): Column[] {
  const columns = names.map((name, index) => ({ name: name || `column${index}`, type: 'VARCHAR' }));
  const seen = new Set<string>();
  for (const { name } of columns) {
    // SQL does not tell the case of names.
    const key = name.toLowerCase();
    if (seen.has(key)) throw new DataError(`'${path}': its header has the column '${name}' twice`);
    seen.add(key);
  }
  return columns;
}
