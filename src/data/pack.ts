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
}

export interface PackOptions {
  /** T, special ids included */
  readonly sequenceLength: number;
  /** Ids of a text without special ones. */
  readonly encodeIds: (text: string) => Int32Array;
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
    for (const sentence of splitSentences(document.text)) rows.addSentence(options.encodeIds(sentence));
    rows.endDocument();
    onProgress?.(++done);
  }
  return packed(rows.finish(), sequenceLength);
}

function packed(ids: Int32Array, sequenceLength: number): PackedSequences {
  return {
    sequenceLength,
    count: ids.length / sequenceLength,
    ids,
    row: (index) => ids.subarray(index * sequenceLength, (index + 1) * sequenceLength),
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
    this.ids.push(options.clsId);
  }

  addSentence(sentence: Int32Array): void {
    if (sentence.length === 0) return;
    this.isDocumentOpen = true;
    const free = this.capacity - this.used;
    const isSlack = this.used > 0 && free <= SLACK && sentence.length > free;
    if (isSlack) this.write(sentence.subarray(0, free));
    this.write(sentence);
  }

  endDocument(): void {
    // Between rows the [SEP] and [CLS] of the rows are separation enough.
    if (this.isDocumentOpen && this.used > 0) this.put(this.options.sepId);
    this.isDocumentOpen = false;
  }

  finish(): Int32Array {
    if (this.ids.length === 1) throw new DataError('the corpus has no tokens: expected text');
    // Id 0 is the first [CLS]. Where the corpus is shorter than a row, this reads what it has just written: a repetition.
    for (let next = 1; this.used > 0; next++) this.put(this.ids.at(next));
    return this.ids.first(this.ids.length - 1);
  }

  private write(ids: Int32Array): void {
    for (const id of ids) this.put(id);
  }

  private put(id: number): void {
    this.ids.push(id);
    this.used++;
    if (this.used < this.capacity) return;
    this.ids.push(this.options.sepId);
    this.ids.push(this.options.clsId);
    this.used = 0;
  }
}

/** A growing i32 buffer. */
class GrowingIds {
  length = 0;
  private data = new Int32Array(1024);

  push(id: number): void {
    if (this.length === this.data.length) {
      const larger = new Int32Array(2 * this.data.length);
      larger.set(this.data);
      this.data = larger;
    }
    this.data[this.length++] = id;
  }

  at(index: number): number {
    return this.data[index] as number;
  }

  /** A copy of the first `count` ids. */
  first(count: number): Int32Array {
    return this.data.slice(0, count);
  }
}
