import { DataError } from '../core/index.js';

/** A record of text with separators. */
export interface DelimitedRow {
  /** One empty field where the line is empty. */
  readonly fields: readonly string[];
  /** The line on which it begins, from 1. */
  readonly line: number;
  /** Code units it takes, its line end included. */
  readonly length: number;
}

interface Field {
  readonly value: string;
  /** Where the separator or line end after it stands. */
  readonly end: number;
  readonly isQuoted: boolean;
}

const LINE_FEED = 10;
const RETURN = 13;
const SPACE = 32;
const QUOTE = 34;

/**
 * Rows of text that comes piece by piece, with separators (one character) as RFC 4180 has it: fields may stand in double quotes,
 * and then hold separators, line ends and doubled quotes; spaces around the quotes do not count. Lines end by CR, LF or both.
 * The same text gives the same rows, however it is cut.
 */
export class DelimitedParser {
  private readonly separator: number;
  /** The beginning of a row that is not whole yet. */
  private rest = '';
  /** What came since. */
  private pending = '';
  private line = 1;

  /** `placeOf` says in errors where a line (from 1) is; a row of more than `mostLength` code units is refused. */
  constructor(
    separator: string,
    private readonly placeOf: (line: number) => string,
    private readonly mostLength = Number.POSITIVE_INFINITY,
  ) {
    this.separator = separator.charCodeAt(0);
  }

  /**
   * The rows that are whole with this piece; all of them are to be taken before the next. Throws a DataError for what stands
   * behind a quoted field, and for a row that is too long.
   */
  *push(text: string): Generator<DelimitedRow, void> {
    this.pending += text;
    const { rest, pending, mostLength } = this;
    // A long row is not read anew with every piece, but when it has doubled.
    if (pending.length < rest.length && rest.length + pending.length <= mostLength) return;
    yield* this.rows(false);
    if (this.rest.length > mostLength) {
      throw this.errorAt(`the record is longer than ${mostLength} characters: is a quote never closed?`);
    }
  }

  /** The rows up to the end of the text. Throws as `push`, and for a quote that is never closed. */
  *finish(): Generator<DelimitedRow, void> {
    yield* this.rows(true);
  }

  private *rows(isLast: boolean): Generator<DelimitedRow, void> {
    const text = this.rest + this.pending;
    this.pending = '';
    let start = 0;
    while (start < text.length) {
      const { line } = this;
      const row = this.readRow(text, start, isLast);
      if (!row) {
        this.line = line;
        break;
      }
      yield row;
      start += row.length;
      this.line++;
    }
    this.rest = text.slice(start);
  }

  /** Undefined where more is to come of it; counts the lines that end inside of it. */
  private readRow(text: string, start: number, isLast: boolean): DelimitedRow | undefined {
    const fields: string[] = [];
    const { line } = this;
    const row = (end: number) => ({ fields, line, length: end - start });
    for (let at = start; ; at++) {
      const field = this.readField(text, at, isLast);
      if (!field) return undefined;
      fields.push(field.value);
      if (field.isQuoted) this.line += lineEnds(field.value);
      at = field.end;
      if (at >= text.length) return isLast ? row(at) : undefined;
      const code = text.charCodeAt(at);
      if (code === this.separator) continue;
      if (code === LINE_FEED) return row(at + 1);
      if (at + 1 === text.length && !isLast) return undefined;
      return row(text.charCodeAt(at + 1) === LINE_FEED ? at + 2 : at + 1);
    }
  }

  private readField(text: string, start: number, isLast: boolean): Field | undefined {
    let end = start;
    while (text.charCodeAt(end) === SPACE) end++;
    if (text.charCodeAt(end) !== QUOTE) {
      while (end < text.length && !this.endsField(text.charCodeAt(end))) end++;
      return { value: text.slice(start, end), end, isQuoted: false };
    }
    const quoted = readQuoted(text, end);
    if (!quoted) {
      if (!isLast) return undefined;
      throw this.errorAt('a quoted field is never closed; double the quotes inside a field');
    }
    if (quoted.end < text.length && !this.endsField(text.charCodeAt(quoted.end))) {
      throw this.errorAt(
        'expected a delimiter or a line end after a quoted field; double the quotes inside a field',
      );
    }
    return quoted;
  }

  private endsField(code: number): boolean {
    return code === this.separator || code === LINE_FEED || code === RETURN;
  }

  private errorAt(message: string): DataError {
    return new DataError(`${this.placeOf(this.line)}: ${message}`);
  }
}

/** All rows of a text, those of empty lines left out. Throws a DataError, with `where` and the line, as {@link DelimitedParser} does. */
export function parseDelimited(text: string, separator: string, where: string): DelimitedRow[] {
  const parser = new DelimitedParser(separator, (line) => `${where}:${line}`);
  const rows = [...parser.push(text), ...parser.finish()];
  return rows.filter(({ fields }) => fields.length > 1 || fields[0] !== '');
}

/** The field whose quote opens at `open`, with the spaces behind it; undefined where it is not closed. */
function readQuoted(text: string, open: number): Field | undefined {
  let value = '';
  let position = open + 1;
  for (;;) {
    const quote = text.indexOf('"', position);
    if (quote === -1) return undefined;
    value += text.slice(position, quote);
    let end = quote + 1;
    if (text.charCodeAt(end) !== QUOTE) {
      while (text.charCodeAt(end) === SPACE) end++;
      return { value, end, isQuoted: true };
    }
    value += '"';
    position = end + 1;
  }
}

const lineEnds = (text: string) => text.match(/\r\n?|\n/g)?.length ?? 0;
