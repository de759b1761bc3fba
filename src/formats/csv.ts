import { DataError } from '../core/index.js';

/** One record of a CSV file by the names of its header, and where it stands. */
export interface CsvRecord {
  readonly value: Readonly<Record<string, string>>;
  readonly where: string;
}

/**
 * Parses CSV (RFC 4180: commas, double quotes, quoted line ends; a header first). Throws a DataError that names the line of
 * a quote that never ends, or of a record with another number of fields than the header.
 */
export function parseCsv(content: string, where: string): CsvRecord[] {
  const [header, ...rows] = splitRows(content.replace(/^\uFEFF/, ''), where);
  if (!header) return [];
  return rows.map(({ fields, line }) => {
    if (fields.length !== header.fields.length) {
      throw new DataError(
        `${where} line ${line}: expected ${header.fields.length} fields as in the header, got ${fields.length}`,
      );
    }
    const value = Object.fromEntries(header.fields.map((name, column) => [name, fields[column] as string]));
    return { value, where: `${where} line ${line}` };
  });
}

/** One field as CSV: quoted where it must be. */
export function csvField(value: string | number | boolean | null): string {
  const text = value === null ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** One record as a line of CSV, with its end. */
export function csvLine(values: readonly (string | number | boolean | null)[]): string {
  return `${values.map(csvField).join(',')}\n`;
}

interface Row {
  readonly fields: readonly string[];
  readonly line: number;
}

/** A field: quoted, with its quotes doubled, or plain; then a comma, a line end, or the end. */
const FIELD = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y;

function splitRows(content: string, where: string): Row[] {
  const rows: Row[] = [];
  let fields: string[] = [];
  let [line, firstLine] = [1, 1];
  FIELD.lastIndex = 0;
  while (FIELD.lastIndex < content.length || fields.length > 0) {
    const match = FIELD.exec(content);
    if (!match) throw new DataError(`${where} line ${line}: a double quote is out of place or never ends`);
    const [all, quoted, plain = '', end = ''] = match;
    fields.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    line += all.split('\n').length - 1;
    if (end === ',') continue;
    if (fields.length > 1 || fields[0] !== '') rows.push({ fields, line: firstLine });
    fields = [];
    firstLine = line;
    if (end === '') break;
  }
  return rows;
}
