import { ConfigError, nearest } from '../../core/index.js';
import type { CorpusFile } from './files.js';

/** What the values of a column are: `mixed` is what has no one kind, `empty` what has no value. */
export type ColumnKind =
  | 'text'
  | 'number'
  | 'boolean'
  | 'date'
  | 'time'
  | 'UUID'
  | 'nested'
  | 'mixed'
  | 'empty'
  | 'other';

const STRING_KINDS: readonly ColumnKind[] = ['text', 'date', 'time', 'UUID'];

/** Whether strings are of that kind. */
export const isStringKind = (kind: ColumnKind) => STRING_KINDS.includes(kind);

/** A column of a table. */
export interface Column {
  readonly name: string;
  readonly kind: ColumnKind;
}

/** Columns that are text without being told, the first one of these that a table has. */
const USUAL_NAMES = ['text', 'content', 'body', 'sequence'];

/**
 * The columns that are the text: those named, else the first usual name, else the only column of text. Throws a ConfigError
 * for a name that the table does not have, or where it is not clear which is meant.
 */
export function textColumns(
  { path }: CorpusFile,
  columns: readonly Column[],
  named: readonly string[] | undefined,
): readonly string[] {
  if (named) return named.map((name) => existing(name, columns, path));
  // Text that looks like a date, a time or a number everywhere is guessed to be one, so any kind will do.
  const isPlain = ({ kind }: Column) => kind !== 'nested' && kind !== 'mixed' && kind !== 'empty';
  const plain = columns.filter(isPlain).map(({ name }) => name);
  const usual = USUAL_NAMES.find((name) => plain.includes(name));
  if (usual !== undefined) return [usual];
  const [only, ...others] = columns.filter(({ kind }) => kind === 'text');
  if (only && others.length === 0) return [only.name];
  const all = columns.map(({ name, kind }) => `${name} (${kind})`).join(', ');
  throw new ConfigError(`'${path}': say which column is the text by --text-column; there are ${all}`);
}

function existing(name: string, columns: readonly Column[], path: string): string {
  const known = columns.map((column) => column.name);
  if (known.includes(name)) return name;
  const near = nearest(name, known);
  throw new ConfigError(
    `'${path}' has no column '${name}'; ${near === undefined ? `its columns are ${known.join(', ')}` : `did you mean '${near}'?`}`,
  );
}

const CLOCK = String.raw`\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?`;
const TIME = new RegExp(`^${CLOCK}$`);
const DATE = new RegExp(
  String.raw`^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[ T]${CLOCK}(?:Z|[+-]\d{2}(?::?\d{2})?)?)?$`,
);
const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** What a string looks like. */
export function kindOfString(text: string): ColumnKind {
  if (DATE.test(text)) return 'date';
  if (TIME.test(text)) return 'time';
  return UUID.test(text) ? 'UUID' : 'text';
}
