import { ConfigError, DataError } from '../core/index.js';
import type { Document } from './document.js';
import { splitSentences } from './sentences.js';

/** A corpus as rows of ids, all of one length, without padding. */
export interface PackedSequences {
  /** T */
  readonly sequenceLength: number;
  readonly count: number;
  /** i32[count, T], row by row */
  readonly ids: Int32Array;
  /** One row, i32[T]: a view. */
  row(index: number): Int32Array;
  /** 1 where a token of a row begins a word, u8[T]: a view; absent where nobody asked for words. */
  wordStarts?(index: number): Uint8Array;
}

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

/**
 * Packs documents into rows `[CLS] text [SEP]` of exactly T ids. A row ends with a sentence where that leaves at most
 * 8 places, which then show the opening of the next sentence, repeated in full in the next row; otherwise the sentence
 * is cut and goes on in the next row. Where a document ends inside a row, `[SEP]` and the next document follow. The last
 * row is completed from the beginning of the corpus, which is repeated where it is shorter than a row, so that no token is
 * lost and a corpus of any size gives a row. Throws a ConfigError for a row without room and a DataError when there are
 * no tokens.
 */
export function packDocuments(documents: Iterable<Document>, options: PackOptions): PackedSequences {
  const { sequenceLength, onProgress } = options;
  if (sequenceLength < 4) throw new ConfigError(`sequenceLength must be at least 4, got ${sequenceLength}`);
  const rows = new RowWriter(options);
  let done = 0;
  for (const document of documents) {
    for (const sentence of splitSentences(document.text)) rows.addSentence(encode(sentence, options));
    rows.endDocument();
    onProgress?.(++done);
  }
  return packed(rows.finish(), sequenceLength, options.encodeWords !== undefined);
}

function encode(sentence: string, { encodeIds, encodeWords }: PackOptions): EncodedWords {
  if (encodeWords) return encodeWords(sentence);
  const ids = encodeIds(sentence);
  return { ids, wordStarts: new Uint8Array(ids.length) };
}

function packed({ ids, wordStarts }: EncodedWords, T: number, hasWords: boolean): PackedSequences {
  return {
    sequenceLength: T,
    count: ids.length / T,
    ids,
    row: (index) => ids.subarray(index * T, (index + 1) * T),
    ...(hasWords ? { wordStarts: (index) => wordStarts.subarray(index * T, (index + 1) * T) } : {}),
  };
}

/** Fills rows one after the other. */
class RowWriter {
  private readonly ids = new GrowingIds();
  private readonly capacity: number;
  /** Places of the open row that are taken, without [CLS] and the last [SEP]. */
  private used = 0;
  private isDocumentOpen = false;

  constructor(private readonly options: PackOptions) {
    this.capacity = options.sequenceLength - 2;
    this.ids.push(options.clsId, 1);
  }

  addSentence(sentence: EncodedWords): void {
    const { length } = sentence.ids;
    if (length === 0) return;
    this.isDocumentOpen = true;
    const free = this.capacity - this.used;
    const isSlack = this.used > 0 && free <= SLACK && length > free;
    if (isSlack) this.write(sentence, free);
    this.write(sentence, length);
  }

  endDocument(): void {
    // Between rows the [SEP] and [CLS] of the rows are separation enough.
    if (this.isDocumentOpen && this.used > 0) this.put(this.options.sepId, 1);
    this.isDocumentOpen = false;
  }

  finish(): EncodedWords {
    if (this.ids.length === 1) throw new DataError('the corpus has no tokens: expected text');
    // Id 0 is the first [CLS]. Where the corpus is shorter than a row, this reads what it has just written: a repetition.
    for (let next = 1; this.used > 0; next++) this.put(this.ids.at(next), this.ids.startAt(next));
    return this.ids.first(this.ids.length - 1);
  }

  private write({ ids, wordStarts }: EncodedWords, count: number): void {
    for (let index = 0; index < count; index++) this.put(ids[index] as number, wordStarts[index] as number);
  }

  private put(id: number, wordStart: number): void {
    this.ids.push(id, wordStart);
    this.used++;
    if (this.used < this.capacity) return;
    this.ids.push(this.options.sepId, 1);
    this.ids.push(this.options.clsId, 1);
    this.used = 0;
  }
}

/** Growing buffers of ids and of word starts. */
class GrowingIds {
  length = 0;
  private ids = new Int32Array(1024);
  private wordStarts = new Uint8Array(1024);

  push(id: number, wordStart: number): void {
    if (this.length === this.ids.length) {
      const [ids, wordStarts] = [this.ids, this.wordStarts];
      this.ids = new Int32Array(2 * ids.length);
      this.ids.set(ids);
      this.wordStarts = new Uint8Array(2 * ids.length);
      this.wordStarts.set(wordStarts);
    }
    this.wordStarts[this.length] = wordStart;
    this.ids[this.length++] = id;
  }

  at(index: number): number {
    return this.ids[index] as number;
  }

  startAt(index: number): number {
    return this.wordStarts[index] as number;
  }

  /** A copy of the first `count`. */
  first(count: number): EncodedWords {
    return { ids: this.ids.slice(0, count), wordStarts: this.wordStarts.slice(0, count) };
  }
}
