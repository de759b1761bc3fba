import type { Document } from '../document.js';
import { ConditionStream } from './conditions.js';
import type { CorpusFile } from './files.js';
import { fileSource, type ParquetTexts, parquetTexts } from './parquet/index.js';
import type { TableDatabase } from './table-database.js';

/**
 * The records of a Parquet file by these columns, page by page; undefined where they are no flat strings, or the file is written in a
 * way that is left to DuckDB. Under a condition DuckDB says of each row whether it holds. Throws what `parquetTexts` and
 * `ConditionStream` throw.
 */
export async function parquetDocuments(
  database: TableDatabase,
  file: CorpusFile,
  names: readonly string[],
  where: string | undefined,
): Promise<AsyncGenerator<Document, void> | undefined> {
  const source = await fileSource(database.path);
  try {
    const texts = await parquetTexts(source, file.path, names);
    if (!texts) {
      await source.close();
      return undefined;
    }
    const condition = where === undefined ? undefined : await ConditionStream.open(database, file, where, []);
    return documentsOf(file, texts, condition, source.close);
  } catch (cause) {
    await source.close();
    throw cause;
  }
}

async function* documentsOf(
  file: CorpusFile,
  texts: ParquetTexts,
  condition: ConditionStream | undefined,
  close: () => Promise<void>,
): AsyncGenerator<Document, void> {
  try {
    let number = 0;
    for await (const batch of texts) {
      for (const text of batch) {
        number++;
        if (condition && !(await condition.next())) continue;
        if (text !== undefined) yield { id: `${file.id}:${number}`, text };
      }
    }
    await condition?.assertEnd();
  } finally {
    await texts.return();
    await condition?.close();
    await close();
  }
}
