import { DataError } from '../../core/index.js';
import type { Document } from '../document.js';
import { chunksOf } from './chunks.js';
import type { CorpusFile } from './files.js';
import { BlockCutter, type TextBlock } from './text-blocks.js';

/** A text file of more bytes is read as many documents, so that no string outgrows memory. */
const MOST_DOCUMENT_BYTES = 1 << 22;

/** Code units of a line that is read at once: more is no line of records. */
const MOST_LINE_LENGTH = 100 << 20;

/**
 * The documents of a text file: one, or where it holds more than 4 MiB stretches of whole lines of about a mebibyte,
 * `file#0`, `file#1`, ... Throws what reading and decoding throw.
 */
export async function* textDocuments(file: CorpusFile): AsyncGenerator<Document, void> {
  const held: string[] = [];
  let bytes = 0;
  let number = 0;
  for await (const { text, sizeBytes } of blocksOf(file)) {
    bytes += sizeBytes;
    held.push(text);
    if (bytes <= MOST_DOCUMENT_BYTES) continue;
    for (const each of held.splice(0)) yield { id: `${file.id}#${number++}`, text: each };
  }
  if (held.length > 0) yield { id: file.id, text: held.join('') };
}

/** Stretches of whole lines of a text file that may be compressed. */
export async function* blocksOf({
  path,
  storedAt,
  compression,
}: CorpusFile): AsyncGenerator<TextBlock, void> {
  const cutter = new BlockCutter(path);
  for await (const chunk of chunksOf(storedAt ?? path, compression, path)) {
    const block = cutter.push(chunk);
    if (block) yield block;
  }
  const last = cutter.finish();
  if (last) yield last;
}

/** The lines of a text file without their ends. Throws a DataError for a line of more than `mostLength` code units. */
export async function* linesOf(
  file: CorpusFile,
  mostLength = MOST_LINE_LENGTH,
): AsyncGenerator<string, void> {
  // Blocks end with a line, but for lines of more than a mebibyte.
  const open: string[] = [];
  let openLength = 0;
  let number = 1;
  for await (const { text } of blocksOf(file)) {
    const lines = text.split('\n');
    const last = lines.pop() as string;
    for (const line of lines) {
      yield withoutReturn(open.splice(0).join('') + line);
      number++;
      openLength = 0;
    }
    open.push(last);
    openLength += last.length;
    if (openLength > mostLength) {
      throw new DataError(
        `'${file.path}', line ${number} is longer than ${mostLength} characters: expected records on lines`,
      );
    }
  }
  const rest = open.join('');
  if (rest !== '') yield rest;
}

const withoutReturn = (line: string) => (line.endsWith('\r') ? line.slice(0, -1) : line);
