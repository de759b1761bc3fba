import type { Document } from '../document.js';
import { type Column, type ColumnKind, isStringKind, textColumns } from './columns.js';
import { ConditionStream } from './conditions.js';
import { csvRecords } from './csv-records.js';
import type { CorpusFile } from './files.js';
import { jsonRecords } from './json-records.js';
import type { CorpusOptions } from './options.js';
import { openTableDatabase, type TableDatabase } from './table-database.js';
import type { TableRecord } from './table-record.js';

type RecordOptions = Pick<CorpusOptions, 'textColumn' | 'where'>;

/** The first records say which columns there are and what they hold: so many, or of so many code units. */
const SAMPLE_RECORDS = 20_480;
const SAMPLE_LENGTH = 8 << 20;

/**
 * The records of a JSONL, CSV or TSV file, each a document `file:number`, counted from 1 before any condition. Memory is bounded
 * by the first records, 8 Mi code units, and by the longest. A pipe is read as it comes, or with a condition, which takes a
 * second reading, copied first. Throws a ConfigError for columns that the first records do not have or a condition that the
 * table does not bear, and a DataError, with the line, for a file that is not what its name says.
 */
export async function* recordDocuments(
  file: CorpusFile,
  options: RecordOptions,
): AsyncGenerator<Document, void> {
  if (options.where === undefined) return yield* documentsOf(file, options);
  const database = await openTableDatabase(file);
  try {
    yield* documentsOf(file, options, database);
  } finally {
    await database.close();
  }
}

async function* documentsOf(
  file: CorpusFile,
  { textColumn, where }: RecordOptions,
  database?: TableDatabase,
): AsyncGenerator<Document, void> {
  const stored = { ...file, ...(database && { storedAt: database.path }) };
  const records = file.format === 'jsonl' ? jsonRecords(stored) : csvRecords(stored);
  let condition: ConditionStream | undefined;
  try {
    const first = await firstOf(records);
    if (first.length === 0) return;
    const names = textColumns(file, columnsOf(file, first), textColumn);
    if (database && where !== undefined) condition = await ConditionStream.open(database, file, where, names);
    let number = 0;
    for await (const record of continued(first, records)) {
      number++;
      if (condition && !(await condition.next())) continue;
      const text = textOf(record, names);
      if (text !== '') yield { id: `${file.id}:${number}`, text };
    }
    await condition?.assertEnd();
  } finally {
    await records.return();
    await condition?.close();
  }
}

async function firstOf(records: AsyncGenerator<TableRecord, void>): Promise<TableRecord[]> {
  const first: TableRecord[] = [];
  let length = 0;
  while (first.length < SAMPLE_RECORDS && length < SAMPLE_LENGTH) {
    const { value, done } = await records.next();
    if (done) break;
    first.push(value);
    length += value.length;
  }
  return first;
}

async function* continued(
  first: TableRecord[],
  rest: AsyncIterable<TableRecord>,
): AsyncGenerator<TableRecord, void> {
  yield* first.splice(0);
  yield* rest;
}

function textOf(record: TableRecord, names: readonly string[]): string {
  const texts = names.map((name) => record.textOf(name)).filter((text) => text !== undefined);
  // A copy: a stretch of a string keeps all of it in memory, which may be a mebibyte for a few words.
  return Buffer.from(texts.join('\n')).toString();
}

function columnsOf({ format }: CorpusFile, records: readonly TableRecord[]): readonly Column[] {
  const kinds = new Map<string, Set<ColumnKind>>();
  for (const record of records) {
    for (const name of record.names) {
      const known = kinds.get(name) ?? new Set();
      const kind = record.kindOf(name);
      if (kind !== undefined) known.add(kind);
      kinds.set(name, known);
    }
  }
  return [...kinds].map(([name, each]) => ({ name, kind: commonKind([...each], format !== 'jsonl') }));
}

/** The kind of a column whose values have these; of CSV, everything is text that is nothing else. */
function commonKind(kinds: readonly ColumnKind[], isCsv: boolean): ColumnKind {
  const [only = 'empty', ...others] = kinds;
  if (others.length === 0 && !(isCsv && only === 'empty')) return only;
  return isCsv || kinds.every(isStringKind) ? 'text' : 'mixed';
}
