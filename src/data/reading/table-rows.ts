import { DataError } from '../../core/index.js';
import type { CorpusFile } from './files.js';
import type { TableDatabase } from './table-database.js';
import { attempt } from './table-errors.js';
import { identifier, type TableSource, type TypedColumn } from './table-sources.js';

/** The number of the row after the last record: DuckDB's client ends a stream that fails as it ends one that is done. */
const END = -1n;

const NUMBER = '"row of file"';

/** What a table is asked, in SQL. */
export interface TableQuestion {
  /** The table. */
  readonly from: string;
  /** What to say of each row. */
  readonly value: string;
  /** Of which rows; all when absent. */
  readonly where?: string;
}

/** What is said of a row. */
export interface TableRow {
  readonly value: unknown;
  /** From 1, before any condition. */
  readonly number: bigint;
}

/**
 * The answers, row by row in the order of the file. Throws a ConfigError that names `condition` where that is none, and a DataError
 * for a file that is not what its name says.
 */
export async function* tableRows(
  { connection }: TableDatabase,
  file: CorpusFile,
  question: TableQuestion,
  condition: string | undefined,
): AsyncGenerator<TableRow, void> {
  const sql = sqlOf(question);
  const result = await attempt(file, () => connection.stream(sql), condition);
  for (;;) {
    const chunk = await attempt(file, () => result.fetchChunk(), condition);
    if (!chunk || chunk.rowCount === 0) break;
    // One at a time: a chunk has 2,048 rows, whatever they hold.
    const [values, numbers] = [chunk.getColumnVector(0), chunk.getColumnVector(1)];
    for (let index = 0; index < chunk.rowCount; index++) {
      const number = numbers.getItem(index) as bigint;
      if (number === END) return;
      yield { value: values.getItem(index), number };
    }
  }
  // A stream that fails does not say so: it is read again at once, which does.
  await attempt(file, () => connection.run(`select max(value) from (${sql})`), condition);
  throw new DataError(
    `'${file.path}' ended before all of its records were read: expected a ${file.format} file`,
  );
}

function sqlOf({ from, value, where }: TableQuestion): string {
  const rows = `select *, row_number() over () as ${NUMBER} from ${from}`;
  const condition = where === undefined ? '' : ` where (${where}\n)`;
  return `select ${value} as value, ${NUMBER} from (${rows})${condition} union all select null, ${END}`;
}

/**
 * The columns of a table with their types: as DuckDB says, or of CSV the first of {@link CSV_TYPES} that every value of a column
 * is, by one pass in bounded memory: DuckDB's own guess from all of a CSV file keeps the file in memory.
 */
export async function typedColumns(
  { connection }: TableDatabase,
  file: CorpusFile,
  { guessed, header, typed }: TableSource,
): Promise<readonly TypedColumn[]> {
  const rowsOf = async (sql: string) => (await attempt(file, () => connection.runAndReadAll(sql))).getRows();
  if (!header) {
    const described = await rowsOf(`describe select * from ${guessed}`);
    return described.map(([name, type]) => ({ name: String(name), type: String(type) }));
  }
  const tests = header.flatMap(({ name }) => CSV_TYPES.map(({ test }) => everyValue(identifier(name), test)));
  const [answers = []] = await rowsOf(`select ${tests.join(', ')} from ${typed(header)}`);
  return header.map(({ name }, column) => {
    const found = CSV_TYPES.find((_, index) => answers[column * CSV_TYPES.length + index] === true);
    return { name, type: found?.type ?? 'VARCHAR' };
  });
}

/** What a column of CSV can be, in the order in which it is tried: a type, and whether a value is of it. Dates are those of ISO 8601. */
const CSV_TYPES: readonly { readonly type: string; readonly test: (value: string) => string }[] = [
  { type: 'BIGINT', test: (value) => `regexp_full_match(${value}, '[+-]?[0-9]{1,18}')` },
  { type: 'DOUBLE', test: (value) => `try_cast(${value} as double) is not null` },
  { type: 'BOOLEAN', test: (value) => `lower(${value}) in ('true', 'false')` },
  { type: 'DATE', test: (value) => isOfForm(value, 'date', '[0-9]{4}-[0-9]{2}-[0-9]{2}') },
  { type: 'TIMESTAMP', test: (value) => isOfForm(value, 'timestamp', '[0-9]{4}-[0-9]{2}-[0-9]{2}[ T].*') },
  { type: 'TIME', test: (value) => isOfForm(value, 'time', '[0-9]{2}:[0-9]{2}.*') },
];

const isOfForm = (value: string, type: string, pattern: string): string =>
  `(regexp_full_match(${value}, '${pattern}') and try_cast(${value} as ${type}) is not null)`;

/** Whether a column has values, and a test holds of all of them. */
const everyValue = (column: string, test: (value: string) => string): string =>
  `(count(${column}) > 0 and bool_and(${column} is null or ${test(column)}))`;
