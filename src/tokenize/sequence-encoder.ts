import type { AddedTokens } from './added-tokens.js';
import { AlignedText } from './aligned-text.js';
import { BoundedCache } from './bounded-cache.js';
import { emptyColumns, type MutableColumns, type TextColumns } from './columns.js';
import type { ChunkVisitor, Model, Normalizer, PreTokenizer } from './component.js';
import { WordSplitter, wellFormed } from './word-splitter.js';

/** Distinct chunks remembered with the places of their tokens: a few dozen megabytes, of texts that are not a whole corpus. */
const MOST_CHUNKS = 1 << 17;
/** Distinct chunks remembered by the ids of their tokens alone, as a corpus of any size has them: about ten megabytes. */
const MOST_CHUNK_IDS = 1 << 16;
const MOST_WORDS = 1 << 15;
/** Ids for which room is kept from text to text. */
const MOST_GATHERED = 1 << 16;

/** The parts of a tokenizer that one text goes through. */
export interface EncoderParts {
  readonly addedTokens: AddedTokens;
  readonly normalizer: Normalizer;
  readonly preTokenizer: PreTokenizer;
  readonly model: Model;
}

/** What a chunk becomes, wherever it stands. */
interface EncodedChunk {
  readonly ids: readonly number[];
  /** [start, end) of each token from the beginning of the chunk, in UTF-16 code units. */
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  /** The word of each token, numbered within the chunk, and the number of words. */
  readonly words: readonly number[];
  readonly wordCount: number;
}

/** One text to tokens, without what a post-processor puts around it. */
export class SequenceEncoder {
  private readonly splitter: WordSplitter;
  private readonly chunks = new BoundedCache((chunk) => this.encodeChunk(chunk), MOST_CHUNKS);
  private readonly chunkIds = new BoundedCache(
    (chunk) => this.encodeChunk(chunk).ids.slice(),
    MOST_CHUNK_IDS,
  );
  private readonly pieces = new BoundedCache((word) => this.parts.model.tokenize(word), MOST_WORDS);
  /** Where the ids of a text are gathered. */
  private gathered = new Int32Array(1024);

  /** `tokens` are those of the model and the added ones, by id. */
  constructor(
    private readonly parts: EncoderParts,
    private readonly tokens: readonly string[],
  ) {
    this.splitter = new WordSplitter(parts.normalizer, parts.preTokenizer);
  }

  /** Tokens with their places; `sequenceId` is 1 for the second text of a pair. */
  encode(raw: string, sequenceId: 0 | 1): TextColumns {
    const text = wellFormed(raw);
    const columns = emptyColumns();
    let wordId = 0;
    for (const { start, end, added } of this.parts.addedTokens.splitRaw(text)) {
      if (added !== undefined) {
        appendToken(columns, added.id, text.slice(start, end), [start, end], wordId++);
      } else {
        wordId = this.encodeStretch(columns, AlignedText.of(text.slice(start, end), start), wordId);
      }
    }
    const length = columns.ids.length;
    return {
      ...columns,
      text,
      sequenceIds: new Array<0 | 1>(length).fill(sequenceId),
      typeIds: new Array<number>(length).fill(sequenceId),
      specialTokensMask: new Array<0>(length).fill(0),
      attentionMask: new Array<1>(length).fill(1),
    };
  }

  /** Ids alone; added tokens in the text are ordinary text. */
  encodeIds(raw: string): Int32Array {
    const text = wellFormed(raw);
    let ids = this.gathered;
    let length = 0;
    this.splitter.forEachChunk(text, 0, (source, from, to) => {
      const chunkIds = this.chunkIds.get(source, from, to);
      if (length + chunkIds.length > ids.length) ids = grown(ids, length + chunkIds.length);
      for (let index = 0; index < chunkIds.length; index++) ids[length++] = chunkIds[index] as number;
    });
    if (length <= MOST_GATHERED) this.gathered = ids;
    return ids.slice(0, length);
  }

  /** Encodes raw text without added tokens; gives the number of the next word, as do the following. */
  private encodeStretch(columns: MutableColumns, raw: AlignedText, firstWordId: number): number {
    const { normalizer, addedTokens } = this.parts;
    const { isLocal, isChunked } = this.splitter;
    if (isLocal && !addedTokens.isInNormalizedText) return this.encodeByChunks(columns, raw, firstWordId);
    const normalized = normalizer.normalize(raw);
    // Chunks can be found in the text only where normalising moved nothing, as in almost every text of a real corpus.
    const isInPlace = normalized.isShifted && normalized.text.length === raw.text.length;
    return isChunked && isInPlace && !addedTokens.isInNormalizedText
      ? this.encodeByChunks(columns, normalized, firstWordId)
      : this.encodeByWords(columns, normalized, firstWordId);
  }

  /** Encodes text that has its places from where it begins on: raw for local components, else normalised. */
  private encodeByChunks(columns: MutableColumns, stretch: AlignedText, firstWordId: number): number {
    const { text, origin } = stretch;
    let wordId = firstWordId;
    const visit: ChunkVisitor = (source, from, to, added) => {
      if (from < added) {
        // Where a chunk is nothing but what was put before it, it depends on what follows.
        const beginning = AlignedText.of(added < to ? text.slice(0, to - added) : text, origin);
        const words = this.parts.preTokenizer.split(beginning).slice(0, 1);
        wordId = this.encodeWords(columns, words, wordId);
        return;
      }
      const { ids, starts, ends, words, wordCount } = this.chunks.get(source, from, to);
      const shift = origin + from - added;
      for (let index = 0; index < ids.length; index++) {
        const id = ids[index] as number;
        columns.ids.push(id);
        columns.tokens.push(this.tokens[id] as string);
        columns.offsets.push([shift + (starts[index] as number), shift + (ends[index] as number)]);
        columns.wordIds.push(wordId + (words[index] as number));
      }
      wordId += wordCount;
    };
    if (this.splitter.isLocal) this.splitter.forEachChunk(text, origin, visit);
    else this.splitter.forEachChunkOf(stretch, visit);
    return wordId;
  }

  /** Encodes normalised text as a whole. */
  private encodeByWords(columns: MutableColumns, normalized: AlignedText, firstWordId: number): number {
    const { addedTokens } = this.parts;
    let wordId = firstWordId;
    for (const { start, end, added } of addedTokens.splitNormalized(normalized.text)) {
      if (added !== undefined) {
        const found = normalized.text.slice(start, end);
        appendToken(columns, added.id, found, normalized.originalRange(start, end), wordId++);
      } else {
        const words = this.parts.preTokenizer.split(normalized.slice(start, end));
        wordId = this.encodeWords(columns, words, wordId);
      }
    }
    return wordId;
  }

  private encodeWords(columns: MutableColumns, words: readonly AlignedText[], firstWordId: number): number {
    let wordId = firstWordId;
    for (const word of words) {
      for (const { id, start, end } of this.pieces.get(word.text)) {
        appendToken(columns, id, this.tokens[id] as string, word.originalRange(start, end), wordId);
      }
      wordId++;
    }
    return wordId;
  }

  private encodeChunk(chunk: string): EncodedChunk {
    const ids: number[] = [];
    const starts: number[] = [];
    const ends: number[] = [];
    const words: number[] = [];
    const found = this.splitter.words(chunk);
    found.forEach((word, index) => {
      for (const piece of this.parts.model.tokenize(word.text)) {
        const [start, end] = word.originalRange(piece.start, piece.end);
        ids.push(piece.id);
        starts.push(start);
        ends.push(end);
        words.push(index);
      }
    });
    return { ids, starts, ends, words, wordCount: found.length };
  }
}

function appendToken(
  columns: MutableColumns,
  id: number,
  token: string,
  range: readonly [number, number],
  wordId: number,
): void {
  columns.ids.push(id);
  columns.tokens.push(token);
  columns.offsets.push(range);
  columns.wordIds.push(wordId);
}

function grown(ids: Int32Array<ArrayBuffer>, atLeast: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(Math.max(atLeast, 2 * ids.length));
  larger.set(ids);
  return larger;
}
