import { DataError } from '../core/index.js';
import type { Document } from './document.js';
import { readTextFile } from './text-file.js';
import { findTextFiles, type ReadOptions } from './text-files.js';

/**
 * Reads every document that `paths` name, as `findTextFiles` finds them. One file is one document; files without text are
 * left out; the order is that of the ids. Throws a FileError for what is missing or unreadable, and a DataError for what
 * is not text or when there is no text at all.
 */
export async function readCorpus(paths: readonly string[], options: ReadOptions = {}): Promise<Document[]> {
  const documents: Document[] = [];
  for (const { path, id } of await findTextFiles(paths, options)) {
    const text = await readTextFile(path);
    if (text.trim() !== '') documents.push({ id, text });
  }
  if (documents.length === 0) throw noText(paths);
  return documents;
}

/** What to say when no file that `paths` name holds a word. */
export function noText(paths: readonly string[]): DataError {
  return new DataError(
    `no text in ${paths.map((path) => `'${path}'`).join(', ')}: expected at least one word`,
  );
}
