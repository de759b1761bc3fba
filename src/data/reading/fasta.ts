import { DataError } from '../../core/index.js';
import type { Document } from '../document.js';
import type { CorpusFile } from './files.js';
import { linesOf } from './text.js';

/** Residues of a sequence that is one document. */
const MOST_SEQUENCE_LENGTH = 100 << 20;

/**
 * The sequences of a FASTA file, each a document `file:number` from 1: the lines after a `>` line, without white space or
 * the `*` of an end. Throws a DataError, with file and line, for a sequence before the first `>`, or of more than 100 Mi
 * residues.
 */
export async function* fastaDocuments(file: CorpusFile): AsyncGenerator<Document, void> {
  let record: { readonly number: number; readonly lines: string[]; length: number } | undefined;
  let lineNumber = 0;
  for await (const line of linesOf(file)) {
    lineNumber++;
    if (line.startsWith('>')) {
      if (record) yield documentOf(file, record);
      record = { number: (record?.number ?? 0) + 1, lines: [], length: 0 };
    } else if (record) {
      record.lines.push(line);
      record.length += line.length;
      if (record.length > MOST_SEQUENCE_LENGTH) {
        throw new DataError(
          `'${file.path}', line ${lineNumber}: the sequence is longer than 100 Mi residues`,
        );
      }
    } else if (line.trim() !== '' && !line.startsWith(';')) {
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
