import type { Document } from '../document.js';
import { chunksOf } from './chunks.js';
import type { CorpusFile } from './files.js';
import { BlockCutter, type TextBlock } from './text-blocks.js';

/** A text file of more bytes is read as many documents, so that no string outgrows memory. */
const MOST_DOCUMENT_BYTES = 1 << 22;

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
export async function* blocksOf({ path, compression }: CorpusFile): AsyncGenerator<TextBlock, void> {
  const cutter = new BlockCutter(path);
  for await (const chunk of chunksOf(path, compression)) {
    const block = cutter.push(chunk);
    if (block) yield block;
  }
  const last = cutter.finish();
  if (last) yield last;
}
