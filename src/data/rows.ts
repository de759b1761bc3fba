import { RandomPurpose, SeededPermutation } from '../core/index.js';

/** A corpus as rows of ids, all of one length, without padding. */
export interface PackedSequences {
  /** T */
  readonly sequenceLength: number;
  readonly count: number;
  /** One row, i32[T]; not to be written to. */
  row(index: number): Int32Array;
  /** 1 where a token of a row begins a word, u8[T]; absent where nobody asked for words. */
  wordStarts?(index: number): Uint8Array;
}

/** Where rows go as they are packed. */
export interface RowSink {
  /** Takes one row, i32[T] and u8[T], and keeps a copy: the arrays are filled anew. */
  write(ids: Int32Array, wordStarts: Uint8Array): void;
}

/** Rows of a chunk, so that a growing corpus is never copied. */
const CHUNK_ROWS = 1024;

interface Chunk {
  readonly ids: Int32Array;
  readonly wordStarts: Uint8Array | undefined;
}

/** Rows that are held in memory. */
export class MemoryRows implements PackedSequences, RowSink {
  count = 0;
  /** Present where words were asked for. */
  readonly wordStarts?: (index: number) => Uint8Array;
  private readonly chunks: Chunk[] = [];

  constructor(
    readonly sequenceLength: number,
    private readonly hasWords: boolean,
  ) {
    if (hasWords)
      this.wordStarts = (index) => this.stretch(index, ({ wordStarts }) => wordStarts as Uint8Array);
  }

  write(ids: Int32Array, wordStarts: Uint8Array): void {
    const place = this.count % CHUNK_ROWS;
    if (place === 0) this.chunks.push(this.newChunk());
    const chunk = this.chunks.at(-1) as Chunk;
    chunk.ids.set(ids, place * this.sequenceLength);
    chunk.wordStarts?.set(wordStarts, place * this.sequenceLength);
    this.count++;
  }

  row(index: number): Int32Array {
    return this.stretch(index, ({ ids }) => ids);
  }

  private stretch<Values extends Int32Array | Uint8Array>(
    index: number,
    of: (chunk: Chunk) => Values,
  ): Values {
    const chunk = this.chunks[Math.floor(index / CHUNK_ROWS)] as Chunk;
    const start = (index % CHUNK_ROWS) * this.sequenceLength;
    return of(chunk).subarray(start, start + this.sequenceLength) as Values;
  }

  private newChunk(): Chunk {
    const size = CHUNK_ROWS * this.sequenceLength;
    return { ids: new Int32Array(size), wordStarts: this.hasWords ? new Uint8Array(size) : undefined };
  }
}

/** Rows that hold at most `tokens` tokens, one at least. */
export function rowsWithin(tokens: number, sequenceLength: number): number {
  return Math.max(1, Math.floor(tokens / sequenceLength));
}

/**
 * Every row in order, or of more than `maxTokens` tokens as many rows as hold that many, drawn without a seed of the run's:
 * the same rows give the same sample.
 */
export function* sampleRows(data: PackedSequences, maxTokens: number): Generator<Int32Array, void> {
  const most = rowsWithin(maxTokens, data.sequenceLength);
  if (data.count <= most) return yield* rowsOf(data);
  const order = new SeededPermutation(data.count, 0, RandomPurpose.sampling);
  for (let index = 0; index < most; index++) yield data.row(order.at(index));
}

/** Every row, in order. */
export function* rowsOf(data: PackedSequences): Generator<Int32Array, void> {
  for (let index = 0; index < data.count; index++) yield data.row(index);
}
