import type { AlignedText } from './aligned-text.js';
import type {
  DecoderJson,
  ModelJson,
  NormalizerJson,
  PostProcessorJson,
  PreTokenizerJson,
} from './codec/schema.js';
import type { Encoding } from './tokenizer.js';

/** Rewrites text while keeping track of where every character came from. */
export interface Normalizer {
  /**
   * True when normalising the runs between ASCII whitespace (space, tab, line feed, carriage return) one by
   * one gives the same as normalising the whole text, so that results may be cached per run.
   */
  readonly isLocal: boolean;
  normalize(text: AlignedText): AlignedText;
  toJSON(): NormalizerJson;
}

/** Cuts normalised text into the words that a model sees one at a time; never gives an empty word. */
export interface PreTokenizer {
  /** As for {@link Normalizer}: no word spans ASCII whitespace or depends on what is beyond it. */
  readonly isLocal: boolean;
  split(text: AlignedText): readonly AlignedText[];
  toJSON(): PreTokenizerJson;
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
  readonly unkToken: string;
  tokenToId(token: string): number | undefined;
  tokenize(word: string): readonly Piece[];
  toJSON(): ModelJson;
}

/** One tokenized text, before special tokens are put around it. */
export type Sequence = Pick<Encoding, 'ids' | 'tokens' | 'offsets' | 'wordIds'>;

/** Joins one or two texts and the special tokens around them. */
export interface PostProcessor {
  process(first: Sequence, second: Sequence | undefined, addSpecialTokens: boolean): Encoding;
  toJSON(): PostProcessorJson;
}

/** Joins tokens to readable text. */
export interface Decoder {
  decode(tokens: readonly string[]): string;
  toJSON(): DecoderJson;
}
