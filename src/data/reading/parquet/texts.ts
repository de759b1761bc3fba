import { DataError, errorMessage, LacunaError } from '../../../core/index.js';
import { type Cell, chunkCells } from './column-chunk.js';
import { FileBlocks, type ParquetSource } from './file-blocks.js';
import { type TextChunk, textLayout } from './footer.js';
import { ParquetError } from './parquet-error.js';

/** The text of each row in turn, a few at a time; nothing of a row in which all columns are missing. */
export type ParquetTexts = AsyncGenerator<readonly Cell[], void>;

/**
 * The texts of these columns, joined by a line feed; undefined of columns that are read otherwise (nested, of other types,
 * encrypted), which the footer says. Memory is bounded by the longest text and, of one row group, the dictionary and the bits that
 * say what is missing. Throws a DataError, here and later, that names the file and the row group for what is damaged, and what
 * reading the source throws.
 *
 * @param path the file's name in errors
 */
export async function parquetTexts(
  source: ParquetSource,
  path: string,
  names: readonly string[],
): Promise<ParquetTexts | undefined> {
  try {
    const layout = await textLayout(source, names);
    return layout && textsOf(source, path, layout);
  } catch (cause) {
    throw damage(`'${path}'`, cause);
  }
}

async function* textsOf(
  source: ParquetSource,
  path: string,
  layout: readonly (readonly TextChunk[])[],
): ParquetTexts {
  for (const [index, chunks] of layout.entries()) {
    try {
      const columns = chunks.map((chunk) => chunkCells(new FileBlocks(source, chunk.end), chunk));
      yield* columns.length === 1 ? (columns[0] as ParquetTexts) : joined(columns);
    } catch (cause) {
      throw damage(`'${path}', row group ${index + 1},`, cause);
    }
  }
}

async function* joined(columns: readonly ParquetTexts[]): ParquetTexts {
  const cells = columns.map((batches) => cellsOf(batches));
  try {
    for (;;) {
      const row = await Promise.all(cells.map((each) => each.next()));
      if (row.some(({ done }) => done)) return;
      const texts = row.map(({ value }) => value ?? undefined).filter((text) => text !== undefined);
      yield [texts.length > 0 ? texts.join('\n') : undefined];
    }
  } finally {
    for (const each of cells) await each.return();
  }
}

async function* cellsOf(batches: ParquetTexts): AsyncGenerator<Cell, void> {
  for await (const batch of batches) yield* batch;
}

function damage(where: string, cause: unknown): Error {
  if (cause instanceof LacunaError) return cause;
  const what = cause instanceof ParquetError ? cause.message : `cannot be expanded: ${errorMessage(cause)}`;
  return new DataError(`${where} ${what}; fetch or write the file again`, { cause });
}
