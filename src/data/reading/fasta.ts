import { DataError } from '../../core/index.js';
import type { Document } from '../document.js';
import type { CorpusFile } from './files.js';
import { blocksOf } from './text.js';

/**
 * The sequences of a FASTA file, each a document `file:number` from 1: the lines after a `>` line, without white space or
 * the `*` of an end. Throws a DataError, with file and line, for a sequence before the first `>`.
 */
export async function* fastaDocuments(file: CorpusFile): AsyncGenerator<Document, void> {
  let record: { readonly number: number; readonly lines: string[] } | undefined;
  let lineNumber = 0;
  for await (const line of linesOf(file)) {
    lineNumber++;
    if (line.startsWith('>')) {
      if (record) yield documentOf(file, record);
      record = { number: (record?.number ?? 0) + 1, lines: [] };
    } else if (record) record.lines.push(line);
    else if (line.trim() !== '' && !line.startsWith(';')) {
      throw new DataError(
        `'${file.path}', line ${lineNumber}: expected a line '>name' before the first sequence`,
      );
    }
  }
  if (record) yield documentOf(file, record);
}

function documentOf({ id }: CorpusFile, { number, lines }: { number: number; lines: string[] }): Document {
  return { id: `${id}:${number}`, text: lines.join('').replace(/[\s*]+/g, '') };
}

/** Lines without their ends; a block ends with a line, but for lines of more than a mebibyte. */
async function* linesOf(file: CorpusFile): AsyncGenerator<string, void> {
  let open = '';
  for await (const { text } of blocksOf(file)) {
    const lines = (open + text).split(/\r?\n/);
    open = lines.pop() as string;
    yield* lines;
  }
  if (open !== '') yield open;
}
