import { FileError } from '../core/index.js';
import { exists, writeInPlace } from '../files/index.js';
import type { OutputTarget } from './resumable-output.js';

/** A row of a table of vectors. */
export interface EmbeddingRow {
  readonly index: number;
  readonly unit: string;
  readonly start: number;
  readonly end: number;
  readonly vector: readonly number[];
}

/** The columns of the table; `vector` is a list of floats by the rules of Parquet's LIST. */
const SCHEMA = [
  { name: 'root', num_children: 5 },
  { name: 'index', type: 'INT32', repetition_type: 'REQUIRED' },
  { name: 'unit', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' },
  { name: 'start', type: 'INT32', repetition_type: 'REQUIRED' },
  { name: 'end', type: 'INT32', repetition_type: 'REQUIRED' },
  { name: 'vector', repetition_type: 'REQUIRED', converted_type: 'LIST', num_children: 1 },
  { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
  { name: 'element', type: 'FLOAT', repetition_type: 'REQUIRED' },
] as const;

/** Writes a table of vectors as Parquet: beside its destination, synced, renamed. Throws a FileError that names the file. */
export async function writeParquet(
  { path, overwrite }: OutputTarget,
  rows: readonly EmbeddingRow[],
): Promise<void> {
  const { parquetWriteBuffer } = await import('hyparquet-writer');
  const column = <Name extends keyof EmbeddingRow>(name: Name) => ({
    name,
    data: rows.map((row) => row[name]),
  });
  const bytes = parquetWriteBuffer({
    schema: [...SCHEMA],
    columnData: [
      column('index'),
      column('unit'),
      column('start'),
      column('end'),
      { name: 'vector', data: rows.map(({ vector }) => [...vector]) },
    ],
  });
  if (!overwrite && (await exists(path)))
    throw new FileError(`'${path}' exists: choose another --out, or --overwrite`);
  await writeInPlace(path, new Uint8Array(bytes));
}
