import { DataError } from '../../core/index.js';
import type { CorpusFile } from './files.js';
import type { TableDatabase } from './table-database.js';
import { attempt } from './table-errors.js';
import type { TableSource, TypedColumn } from './table-sources.js';

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

/** The columns of a table, with the types that DuckDB guesses. */
export async function typedColumns(
  { connection }: TableDatabase,
  file: CorpusFile,
  { guessed, header, typed }: TableSource,
): Promise<readonly TypedColumn[]> {
  try {
    const described = await connection.runAndReadAll(`describe select * from ${guessed}`);
    const types = described.getRows().map(([name, type]) => ({ name: String(name), type: String(type) }));
    return header?.map(({ name }, index) => ({ name, type: types[index]?.type ?? 'VARCHAR' })) ?? types;
  } catch (cause) {
    // A guess that fails says little; reading the columns as text says where the file is wrong.
    if (header) {
      await attempt(file, () => connection.run(`select count(*) from (select * from ${typed(header)})`));
    }
    return attempt(file, () => Promise.reject(cause));
  }
}
