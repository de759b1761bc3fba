import type { AlignedText } from './aligned-text.js';
import type { ComponentJson, ModelJson } from './codec/schema.js';
import type { TextColumns } from './columns.js';

/** Rewrites text while keeping track of where every character came from. */
export interface Normalizer {
  /**
   * True when normalising the runs between ASCII whitespace (space, tab, line feed, carriage return) one by
   * one gives the same as normalising the whole text, so that results may be cached per run.
   */
  readonly isLocal: boolean;
  normalize(text: AlignedText): AlignedText;
  /** null for the component that stands for none. */
  toJSON(): ComponentJson | null;
}

/**
 * Takes the chunk [from, to) of `source`. The source is the text with `added` code units put before it, so that
 * the chunk stands for [from - added, to - added) of the text, as far as that is in it.
 */
export type ChunkVisitor = (source: string, from: number, to: number, added: number) => void;

/** Stretches of text that can be cut into words one by one, so that their words may be cached. */
export interface Chunker {
  /**
   * Calls `visit` with stretches of normalised text, in order; what lies between them holds no word. Only the
   * first may begin with something that was put before the text. `origin` is that of the text, see
   * {@link AlignedText}.
   */
  forEachChunk(text: string, origin: number, visit: ChunkVisitor): void;
  /** The words of a chunk to which nothing was added. */
  split(chunk: AlignedText): readonly AlignedText[];
}

/** Cuts normalised text into the words that a model sees one at a time; never gives an empty word. */
export interface PreTokenizer {
  /** As for {@link Normalizer}: no word spans ASCII whitespace or depends on what is beyond it. */
  readonly isLocal: boolean;
  /** Gives the same words chunk by chunk, for pre-tokenizers that are not local. */
  readonly chunker?: Chunker;
  split(text: AlignedText): readonly AlignedText[];
  toJSON(): ComponentJson | null;
}

/** A vocabulary entry that covers [start, end) of a word, in UTF-16 code units. */
export interface Piece {
  readonly id: number;
  readonly start: number;
  readonly end: number;
}

/** Cuts one word into pieces of a vocabulary. */
export interface Model {
  /** Tokens by id, without gaps. */
  readonly tokens: readonly string[];
  /** undefined for a model that has none. */
  readonly unkToken: string | undefined;
  tokenToId(token: string): number | undefined;
  tokenize(word: string): readonly Piece[];
  toJSON(): ModelJson;
}

/** Puts special tokens around one text or a pair; what it returns is put together in order. */
export interface PostProcessor {
  /** Number of special tokens that are added to one text, or to a pair. */
  addedTokens(isPair: boolean): number;
  /** `sequences` are one text or a pair, of `typeIds` 0 and 1; `text` is what its offsets point into. */
  process(sequences: readonly TextColumns[], addSpecialTokens: boolean): readonly TextColumns[];
  toJSON(): ComponentJson | null;
}

/** Turns tokens into the strings whose concatenation is the decoded text. */
export interface Decoder {
  decode(tokens: readonly string[]): readonly string[];
  toJSON(): ComponentJson | null;
}
