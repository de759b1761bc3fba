import { DataError } from '../core/index.js';

/**
 * Rows of text with separators (one character) as RFC 4180 has it: fields may stand in double quotes, and then hold separators,
 * line ends and doubled quotes. Empty lines are left out. A DataError names the line of a quote that is never closed.
 */
export function parseDelimited(text: string, separator: string, where: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let position = 0;
  while (position < text.length) {
    const field = readField(text, position, separator, where);
    row.push(field.value);
    position = field.end;
    if (text[position] === separator) {
      position++;
      if (position < text.length) continue;
      row.push('');
    }
    if (row.length > 1 || row[0] !== '') rows.push(row);
    row = [];
    if (text[position] === '\r') position++;
    if (text[position] === '\n') position++;
  }
  return rows;
}

interface Field {
  readonly value: string;
  /** Where the separator or line end after it stands. */
  readonly end: number;
}

function readField(text: string, start: number, separator: string, where: string): Field {
  if (text[start] === '"') return readQuoted(text, start, where);
  let end = start;
  while (end < text.length && text[end] !== separator && text[end] !== '\n' && text[end] !== '\r') end++;
  return { value: text.slice(start, end), end };
}

function readQuoted(text: string, start: number, where: string): Field {
  let value = '';
  let position = start + 1;
  for (;;) {
    const quote = text.indexOf('"', position);
    if (quote === -1) {
      const line = text.slice(0, start).split('\n').length;
      throw new DataError(
        `${where}:${line}: a quoted field is never closed; double the quotes inside a field`,
      );
    }
    value += text.slice(position, quote);
    if (text[quote + 1] !== '"') return { value, end: quote + 1 };
    value += '"';
    position = quote + 2;
  }
}
