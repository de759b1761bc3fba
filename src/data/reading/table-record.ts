import type { ColumnKind } from './columns.js';

/** A record of a table, as it is streamed. */
export interface TableRecord {
  readonly names: readonly string[];
  /** Code units that it takes in its file. */
  readonly length: number;
  /** What the value of a column is; undefined where there is none. */
  kindOf(name: string): ColumnKind | undefined;
  /** The value of a column as text; undefined where there is none. Throws a DataError for a value that cannot be text. */
  textOf(name: string): string | undefined;
}

/** Code units of a record at most, so that a few of them fit into memory. */
export const MOST_RECORD_LENGTH = 32 << 20;
