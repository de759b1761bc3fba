import { ByteReader } from './byte-reader.js';
import { expanderOf } from './codecs.js';
import type { FileBlocks } from './file-blocks.js';
import type { TextChunk } from './footer.js';
import { ENCODINGS, type PageHeader, readPageHeader } from './page-header.js';
import { ParquetError } from './parquet-error.js';
import { RunReader } from './runs.js';
import { PlainValues, pageValues } from './values.js';

/** A text, or nothing where a row has none. */
export type Cell = string | undefined;

/** Bytes in which the header of a page is looked for, at first and at last: it may hold the least and the greatest value. */
const HEADER_BYTES = 1 << 10;
const MOST_HEADER_BYTES = 1 << 24;
/** Bytes of levels that are held, of one page. */
const MOST_LEVEL_BYTES = 1 << 26;
/** Bytes of a dictionary, as it stands in the file when it is expanded. */
const MOST_DICTIONARY_BYTES = 1 << 28;
/** Cells that are handed on at once, or characters of them, about. */
const BATCH_CELLS = 1 << 11;
const BATCH_LENGTH = 1 << 18;

/**
 * The cells of a column of one row group, a few at a time, page by page. Throws a ParquetError for what is damaged, and what
 * expanding throws.
 */
export async function* chunkCells(blocks: FileBlocks, chunk: TextChunk): AsyncGenerator<Cell[], void> {
  let dictionary: readonly string[] | undefined;
  let left = chunk.valueCount;
  for (let position = chunk.start; left > 0; ) {
    const header = await pageHeaderAt(blocks, position, chunk.end);
    const start = position + header.sizeBytes;
    const end = start + header.compressedBytes;
    if (end > chunk.end) throw new ParquetError('has a page that ends after its row group');
    const page = { blocks, header, start, end };
    if (header.kind === 'dictionary') {
      if (dictionary) throw new ParquetError('has two dictionaries');
      dictionary = await readDictionary(page, chunk);
    } else if (header.kind !== 'other') {
      if (header.valueCount > left) throw new ParquetError('has a page of more values than are left');
      left -= header.valueCount;
      yield* pageCells(page, chunk, dictionary);
    }
    position = end;
  }
}

async function pageHeaderAt(blocks: FileBlocks, position: number, end: number): Promise<PageHeader> {
  for (let size = HEADER_BYTES; size <= MOST_HEADER_BYTES; size *= 16) {
    const bytes = await blocks.at(position, size);
    const header = readPageHeader(bytes);
    if (header) return header;
    if (position + bytes.length >= end) break;
  }
  throw new ParquetError('has no header of a page where one is expected');
}

interface Page {
  readonly blocks: FileBlocks;
  readonly header: PageHeader;
  readonly start: number;
  readonly end: number;
}

/** What is in a page after its first bytes, expanded. */
function bodyOf({ blocks, header, start, end }: Page, { codec }: TextChunk, skipped = 0): ByteReader {
  const { compressedBytes, expandedBytes, isCompressed } = header;
  const stored = blocks.between(start + skipped, end);
  const expand = expanderOf(isCompressed && compressedBytes > skipped ? codec : 'UNCOMPRESSED');
  if (!expand) throw new ParquetError(`is compressed as ${codec}`);
  return new ByteReader(expand(stored, expandedBytes - skipped), expandedBytes - skipped);
}

async function readDictionary(page: Page, chunk: TextChunk): Promise<readonly string[]> {
  const { encoding, valueCount, expandedBytes } = page.header;
  if (encoding !== ENCODINGS.plain && encoding !== ENCODINGS.plainDictionary) {
    throw new ParquetError(`has a dictionary of encoding ${encoding}`);
  }
  if (expandedBytes > MOST_DICTIONARY_BYTES) {
    throw new ParquetError(
      `has a dictionary of ${expandedBytes} bytes, at most ${MOST_DICTIONARY_BYTES} are read`,
    );
  }
  const body = bodyOf(page, chunk);
  try {
    const values = new PlainValues(body);
    const dictionary: string[] = [];
    while (dictionary.length < valueCount) {
      const value = values.next();
      dictionary.push(typeof value === 'string' ? value : await value);
    }
    await body.finish();
    return dictionary;
  } finally {
    await body.close();
  }
}

async function* pageCells(
  page: Page,
  chunk: TextChunk,
  dictionary: readonly string[] | undefined,
): AsyncGenerator<Cell[], void> {
  const { header } = page;
  const skipped = header.repetitionBytes + header.definitionBytes;
  if (skipped > Math.min(header.compressedBytes, header.expandedBytes)) {
    throw new ParquetError('has a page of which the levels are more than all');
  }
  const body = bodyOf(page, chunk, skipped);
  try {
    const levels = await levelsOf(page, chunk, body);
    const values = await pageValues(header.encoding, body, header.valueCount, dictionary);
    let cells: Cell[] = [];
    let length = 0;
    for (let index = 0; index < header.valueCount; index++) {
      const level = levels?.next() ?? 1;
      const isThere = (typeof level === 'number' ? level : await level) !== 0;
      const value = isThere ? values.next() : undefined;
      const cell = typeof value === 'object' ? await value : value;
      cells.push(cell);
      length += cell?.length ?? 0;
      if (cells.length < BATCH_CELLS && length < BATCH_LENGTH) continue;
      yield cells;
      cells = [];
      length = 0;
    }
    yield cells;
    await body.finish();
  } finally {
    await body.close();
  }
}

/** Which values are there, 1 of each that is; undefined of a column in which all are. */
async function levelsOf(page: Page, chunk: TextChunk, body: ByteReader): Promise<RunReader | undefined> {
  const { blocks, header, start } = page;
  if (header.kind === 'data-2') {
    const from = start + header.repetitionBytes;
    if (!chunk.isOptional) return undefined;
    return levelReader(
      await collected(blocks.between(from, from + header.definitionBytes), header.definitionBytes),
    );
  }
  if (!chunk.isOptional) return undefined;
  if (header.levelEncoding !== ENCODINGS.rle) {
    throw new ParquetError(`has definition levels of encoding ${header.levelEncoding}`);
  }
  await body.need(4);
  const size = body.uint32();
  assertLevelSize(size);
  await body.need(size);
  return levelReader(Buffer.from(body.take(size)));
}

function assertLevelSize(size: number): void {
  if (size > MOST_LEVEL_BYTES) throw new ParquetError(`has ${size} bytes of definition levels in a page`);
}

async function collected(pieces: AsyncIterable<Buffer>, size: number): Promise<Buffer> {
  assertLevelSize(size);
  const parts: Buffer[] = [];
  for await (const piece of pieces) parts.push(piece);
  return Buffer.concat(parts);
}

const levelReader = (bytes: Buffer) => new RunReader(ByteReader.of(bytes), 1);
