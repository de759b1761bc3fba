import { DataError } from '../../core/index.js';
import type { CorpusFile } from './files.js';
import type { TableDatabase } from './table-database.js';
import { tableRows, typedColumns } from './table-rows.js';
import { asText, tableSource } from './table-sources.js';

const EXPECTED_OF_LINES = 'line ends of one kind, and no record of CSV of more than 8 MiB';
const EXPECTED_OF_PARQUET = 'columns of the same number of rows';

/** Says of each record of a file in turn, from the first, whether a condition in SQL holds. */
export class ConditionStream {
  private count = 0;

  private constructor(
    private readonly file: CorpusFile,
    private readonly verdicts: AsyncGenerator<boolean, void>,
  ) {}

  /** `textNames` are the columns that are text, whatever they look like. Throws what `tableRows` throws, here and later. */
  static async open(
    database: TableDatabase,
    file: CorpusFile,
    condition: string,
    textNames: readonly string[],
  ): Promise<ConditionStream> {
    const source = await tableSource(file, database.path);
    const columns = asText(await typedColumns(database, file, source), textNames);
    const value = `coalesce(cast((${condition}\n) as boolean), false)`;
    const rows = tableRows(database, file, { from: source.typed(columns), value }, condition);
    return new ConditionStream(file, verdictsOf(rows));
  }

  /** Whether it holds of the next record. */
  async next(): Promise<boolean> {
    const { value, done } = await this.verdicts.next();
    if (done) throw this.disagreement();
    this.count++;
    return value;
  }

  /** Throws a DataError where there are more records than were asked for. */
  async assertEnd(): Promise<void> {
    const { done } = await this.verdicts.next();
    if (!done) throw this.disagreement();
  }

  async close(): Promise<void> {
    await this.verdicts.return();
  }

  private disagreement(): DataError {
    const { path, format } = this.file;
    const expected = format === 'parquet' ? EXPECTED_OF_PARQUET : EXPECTED_OF_LINES;
    return new DataError(
      `'${path}': --where counts its records otherwise from number ${this.count + 1} on; expected ${expected}`,
    );
  }
}

async function* verdictsOf(rows: AsyncIterable<{ readonly value: unknown }>): AsyncGenerator<boolean, void> {
  for await (const { value } of rows) yield value === true;
}
