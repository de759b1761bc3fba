import type { ColumnChunk, CompressionCodec, Encoding, FileMetaData } from 'hyparquet';
import { expanderOf } from './codecs.js';
import type { ParquetSource } from './file-blocks.js';
import { ParquetError } from './parquet-error.js';

/** Bytes that are read at once of the end of a file. */
const FOOTER_BYTES = 1 << 16;
/** Bytes of a footer: more is left to DuckDB. */
const MOST_FOOTER_BYTES = 1 << 25;
/** Compressed bytes of a dictionary: more is left to DuckDB. */
const MOST_DICTIONARY_BYTES = 1 << 25;
const END_BYTES = 8;

/** Those whose pages hold text in a way that is known here, and those of levels. */
const ENCODINGS: readonly Encoding[] = [
  'PLAIN',
  'PLAIN_DICTIONARY',
  'RLE_DICTIONARY',
  'RLE',
  'BIT_PACKED',
  'DELTA_BINARY_PACKED',
  'DELTA_LENGTH_BYTE_ARRAY',
  'DELTA_BYTE_ARRAY',
];

/** Where the pages of a column of text lie in a row group. */
export interface TextChunk {
  readonly start: number;
  readonly end: number;
  readonly codec: CompressionCodec;
  readonly valueCount: number;
  /** Whether values may be missing. */
  readonly isOptional: boolean;
}

/** The pages of columns, row group by row group: each has one for every column. */
export type TextLayout = readonly (readonly TextChunk[])[];

/**
 * Where the columns with these names lie, if all of them are flat strings that can be streamed; undefined where anything is
 * otherwise, which is left to DuckDB: nested columns, other types and encodings, encryption, pages in other files.
 */
export async function textLayout(
  source: ParquetSource,
  names: readonly string[],
): Promise<TextLayout | undefined> {
  const footer = await footerOf(source);
  if (!footer) return undefined;
  // Loaded late: few commands need it.
  const { parquetMetadata } = await import('hyparquet');
  let metadata: FileMetaData;
  try {
    metadata = parquetMetadata(footer, { geoparquet: false });
  } catch {
    return undefined;
  }
  const columns = names.map((name) => flatString(metadata, name));
  const layout: TextChunk[][] = [];
  for (const group of metadata.row_groups) {
    const chunks = columns.map((isOptional, index) => {
      const name = names[index];
      const own = group.columns.filter(({ meta_data }) => meta_data?.path_in_schema.join('\0') === name);
      return isOptional === undefined || own.length !== 1
        ? undefined
        : textChunk(own[0] as ColumnChunk, source.sizeBytes, isOptional, group.num_rows);
    });
    if (!chunks.every((chunk) => chunk !== undefined)) return undefined;
    layout.push(chunks);
  }
  return layout;
}

async function footerOf(source: ParquetSource): Promise<Buffer | undefined> {
  const { sizeBytes } = source;
  const first = Math.min(FOOTER_BYTES, sizeBytes);
  const end = await source.read(sizeBytes - first, first);
  if (end.length < END_BYTES) return undefined;
  const size = end.readUInt32LE(end.length - END_BYTES) + END_BYTES;
  if (size <= end.length) return end;
  if (size > Math.min(sizeBytes, MOST_FOOTER_BYTES)) return undefined;
  return source.read(sizeBytes - size, size);
}

/** Whether values of a column of strings at the top may be missing; undefined of what is no such column, or more than one. */
function flatString({ schema }: FileMetaData, name: string): boolean | undefined {
  const found: boolean[] = [];
  for (let at = 1; at < schema.length; at = afterElement(schema, at)) {
    const element = schema[at];
    // DuckDB does not tell the case of names, and renames what comes twice.
    if (element?.name.toLowerCase() !== name.toLowerCase()) continue;
    const { type, num_children, repetition_type } = element;
    if (element.name !== name || type !== 'BYTE_ARRAY' || num_children || repetition_type === 'REPEATED') {
      return undefined;
    }
    found.push(repetition_type === 'OPTIONAL');
  }
  return found.length === 1 ? found[0] : undefined;
}

/** Where what is inside of an element ends. */
function afterElement(schema: FileMetaData['schema'], start: number): number {
  let at = start;
  for (let open = 1; open > 0 && at < schema.length; at++) open += (schema[at]?.num_children ?? 0) - 1;
  return at;
}

function textChunk(
  column: ColumnChunk,
  fileBytes: number,
  isOptional: boolean,
  rowCount: bigint,
): TextChunk | undefined {
  const meta = column.meta_data;
  if (!meta || column.file_path || column.crypto_metadata || !expanderOf(meta.codec)) return undefined;
  if (meta.type !== 'BYTE_ARRAY' || !meta.encodings.every((encoding) => ENCODINGS.includes(encoding))) {
    return undefined;
  }
  const firstPage = Number(meta.data_page_offset);
  const dictionary = Number(meta.dictionary_page_offset ?? 0n);
  const start = dictionary > 0 && dictionary < firstPage ? dictionary : firstPage;
  if (firstPage - start > MOST_DICTIONARY_BYTES) return undefined;
  const end = start + Number(meta.total_compressed_size);
  const valueCount = Number(meta.num_values);
  if (!(start >= 4 && end >= start && end <= fileBytes && valueCount === Number(rowCount))) {
    throw new ParquetError('has a footer that names bytes or rows that it does not have');
  }
  return { start, end, codec: meta.codec, valueCount, isOptional };
}
