import { ConfigError, DataError } from '../core/index.js';
import type { Document } from './document.js';
import { MemoryRows, type PackedSequences, type RowSink } from './rows.js';
import { splitSentences } from './sentences.js';

/** Ids of a text, and 1 where a token begins a word. */
export interface EncodedWords {
  readonly ids: Int32Array;
  readonly wordStarts: Uint8Array;
}

export interface PackOptions {
  /** T, special ids included */
  readonly sequenceLength: number;
  /** Ids of a text without special ones. */
  readonly encodeIds: (text: string) => Int32Array;
  /** The same ids with word starts, for masking by words; slower, so only where it is needed. */
  readonly encodeWords?: ((text: string) => EncodedWords) | undefined;
  readonly clsId: number;
  readonly sepId: number;
  /** Called after each document with the number of documents packed so far. */
  readonly onProgress?: (documents: number) => void;
}

/** Tokens by which a row may end before a sentence does not fit; they show the sentence's opening, which is repeated. */
const SLACK = 8;

/** Packs documents into rows in memory, as a {@link RowPacker} does. Throws what it throws. */
export function packDocuments(documents: Iterable<Document>, options: PackOptions): PackedSequences {
  const rows = new MemoryRows(options.sequenceLength, options.encodeWords !== undefined);
  const packer = new RowPacker(options, rows);
  let done = 0;
  for (const document of documents) {
    packer.add(document);
    options.onProgress?.(++done);
  }
  packer.finish();
  return rows;
}

/**
 * Packs documents into rows `[CLS] text [SEP]` of exactly T ids, one document after the other. A row ends with a sentence
 * where that leaves at most 8 places, which then show the opening of the next sentence, repeated in full in the next row;
 * otherwise the sentence is cut and goes on in the next row. Where a document ends inside a row, `[SEP]` and the next
 * document follow. The last row is completed from the beginning of the corpus, which is repeated where it is shorter than
 * a row, so that no token is lost and a corpus of any size gives a row.
 */
export class RowPacker {
  private readonly row: EncodedWords;
  /** The first row, with which the last one is completed. */
  private first: EncodedWords | undefined;
  /** Places of the open row that are taken, [CLS] included. */
  private used = 0;
  private isDocumentOpen = false;
  private readonly capacity: number;

  /** Throws a ConfigError for a row without room. */
  constructor(
    private readonly options: PackOptions,
    private readonly sink: RowSink,
  ) {
    const { sequenceLength: T } = options;
    if (T < 4) throw new ConfigError(`sequenceLength must be at least 4, got ${T}`);
    this.row = { ids: new Int32Array(T), wordStarts: new Uint8Array(T) };
    this.capacity = T - 1;
    this.openRow();
  }

  add(document: Document): void {
    for (const sentence of splitSentences(document.text)) this.addSentence(encode(sentence, this.options));
    // Between rows the [SEP] and [CLS] of the rows are separation enough.
    if (this.isDocumentOpen && this.used > 1) this.put(this.options.sepId, 1);
    this.isDocumentOpen = false;
  }

  /** Completes the last row. Throws a DataError when there were no tokens. */
  finish(): void {
    if (!this.first && this.used === 1) throw new DataError('the corpus has no tokens: expected text');
    // Without a first row this reads what it has just written: a repetition.
    const { ids, wordStarts } = this.first ?? this.row;
    for (let next = 1; this.used > 1; next++) this.put(ids[next] as number, wordStarts[next] as number);
  }

  private addSentence(sentence: EncodedWords): void {
    const { length } = sentence.ids;
    if (length === 0) return;
    this.isDocumentOpen = true;
    const free = this.capacity - this.used;
    const isSlack = this.used > 1 && free <= SLACK && length > free;
    if (isSlack) this.write(sentence, free);
    this.write(sentence, length);
  }

  private write({ ids, wordStarts }: EncodedWords, count: number): void {
    for (let index = 0; index < count; index++) this.put(ids[index] as number, wordStarts[index] as number);
  }

  private put(id: number, wordStart: number): void {
    this.place(id, wordStart);
    if (this.used < this.capacity) return;
    this.place(this.options.sepId, 1);
    const { ids, wordStarts } = this.row;
    this.sink.write(ids, wordStarts);
    this.first ??= { ids: ids.slice(), wordStarts: wordStarts.slice() };
    this.openRow();
  }

  private openRow(): void {
    this.used = 0;
    this.place(this.options.clsId, 1);
  }

  private place(id: number, wordStart: number): void {
    this.row.ids[this.used] = id;
    this.row.wordStarts[this.used++] = wordStart;
  }
}

function encode(sentence: string, { encodeIds, encodeWords }: PackOptions): EncodedWords {
  if (encodeWords) return encodeWords(sentence);
  const ids = encodeIds(sentence);
  return { ids, wordStarts: new Uint8Array(ids.length) };
}
