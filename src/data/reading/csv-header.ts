import { DataError } from '../../core/index.js';
import { parseDelimited } from '../delimited.js';
import type { CorpusFile } from './files.js';
import { MOST_RECORD_LENGTH } from './table-record.js';
import type { TextBlock } from './text-blocks.js';

/** What the first record of a CSV or TSV file says. */
export interface CsvHeader {
  readonly delimiter: string;
  /** Of the columns; `column0` and so on of those that have none. */
  readonly names: readonly string[];
  /** What was read of the file to know. */
  readonly read: string;
}

/** Reads the header from the beginning of a file; undefined of an empty one. Throws a DataError for one that cannot be a header. */
export async function readCsvHeader(
  { path, format }: CorpusFile,
  blocks: AsyncIterator<TextBlock>,
): Promise<CsvHeader | undefined> {
  let read = '';
  for (;;) {
    const { value, done } = await blocks.next();
    read += value?.text ?? '';
    const end = done ? read.length : headEnd(read);
    if (end === undefined && read.length <= MOST_RECORD_LENGTH) continue;
    if (read === '') return undefined;
    const head = read.slice(0, end);
    const delimiter = format === 'tsv' ? '\t' : delimiterOf(head);
    const names = namesOf(path, parseDelimited(head, delimiter, `'${path}'`)[0]?.fields);
    return { delimiter, names, read };
  }
}

/** Where the first line end outside of quotes is. */
function headEnd(text: string): number | undefined {
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') isQuoted = !isQuoted;
    else if (!isQuoted && (character === '\n' || character === '\r')) return at;
  }
  return undefined;
}

const DELIMITERS = [',', ';', '\t', '|'];

/** The delimiter of which the header has most outside quotes; a comma where it has none. */
function delimiterOf(head: string): string {
  const bare = head.replace(/"[^"]*"/g, '');
  const counts = DELIMITERS.map((delimiter) => bare.split(delimiter).length);
  return DELIMITERS[counts.indexOf(Math.max(...counts))] as string;
}

function namesOf(path: string, fields: readonly string[] | undefined): readonly string[] {
  if (!fields) throw new DataError(`'${path}', line 1: expected a header that names the columns`);
  const names = fields.map((name, index) => name || `column${index}`);
  const seen = new Set<string>();
  for (const name of names) {
    // SQL does not tell the case of names.
    const key = name.toLowerCase();
    if (seen.has(key)) throw new DataError(`'${path}': its header has the column '${name}' twice`);
    seen.add(key);
  }
  return names;
}
