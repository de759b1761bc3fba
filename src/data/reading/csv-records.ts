import { DataError } from '../../core/index.js';
import { DelimitedParser, type DelimitedRow } from '../delimited.js';
import { type ColumnKind, kindOfString } from './columns.js';
import { readCsvHeader } from './csv-header.js';
import type { CorpusFile } from './files.js';
import { MOST_RECORD_LENGTH, type TableRecord } from './table-record.js';
import { blocksOf } from './text.js';

/**
 * The records of a CSV or TSV file: its rows after the header. Throws a DataError, with the line, for a row with other fields than
 * the header has, for quotes that are not closed, or a row that is too long.
 */
export async function* csvRecords(file: CorpusFile): AsyncGenerator<TableRecord, void> {
  const blocks = blocksOf(file);
  try {
    const header = await readCsvHeader(file, blocks);
    if (!header) return;
    const placeOf = (line: number) => `'${file.path}', line ${line}`;
    const parser = new DelimitedParser(header.delimiter, placeOf, MOST_RECORD_LENGTH);
    const rows = new RowReader(header.names, placeOf);
    yield* rows.records(parser.push(header.read));
    for await (const { text } of blocks) yield* rows.records(parser.push(text));
    yield* rows.records(parser.finish());
  } finally {
    await blocks.return();
  }
}

class RowReader {
  private isHeader = true;
  private readonly indices: ReadonlyMap<string, number>;

  constructor(
    private readonly names: readonly string[],
    private readonly placeOf: (line: number) => string,
  ) {
    this.indices = new Map(names.map((name, index) => [name, index]));
  }

  *records(rows: Iterable<DelimitedRow>): Generator<TableRecord, void> {
    for (const row of rows) {
      if (this.isHeader) this.isHeader = false;
      else if (!this.isEmptyLine(row)) yield this.record(row);
    }
  }

  /** In a table of one column an empty line is a record without a value. */
  private isEmptyLine({ fields }: DelimitedRow): boolean {
    return this.names.length > 1 && fields.length === 1 && fields[0] === '';
  }

  private record({ fields, line, length }: DelimitedRow): TableRecord {
    const { names, indices } = this;
    // A delimiter at the end of a line opens a field that holds nothing.
    const isOver = fields.length > names.length && fields.slice(names.length).some((field) => field !== '');
    if (fields.length < names.length || isOver) {
      throw new DataError(
        `${this.placeOf(line)}: expected ${names.length} fields, as the header has, got ${fields.length}`,
      );
    }
    const fieldOf = (name: string) => fields[indices.get(name) ?? -1];
    return {
      names,
      length,
      kindOf: (name) => kindOfField(fieldOf(name)),
      textOf: (name) => fieldOf(name) || undefined,
    };
  }
}

const NUMBER = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/;
const BOOLEAN = /^(?:true|false)$/i;

function kindOfField(value: string | undefined): ColumnKind | undefined {
  if (!value) return undefined;
  if (NUMBER.test(value)) return 'number';
  return BOOLEAN.test(value) ? 'boolean' : kindOfString(value);
}
