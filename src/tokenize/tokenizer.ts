import type { TokenizerJson } from './codec/schema.js';
import type { TokenColumns } from './columns.js';
import type { Padding } from './padding.js';
import type { Truncation } from './truncation.js';

/** What a text became. */
export interface Encoding extends TokenColumns {
  /** What truncation cut off, as encodings of their own, `stride` tokens of context repeated; empty without truncation. */
  readonly overflowing: readonly TokenColumns[];
}

/** Ids of [PAD], [UNK], [CLS], [SEP] and [MASK]; reading one that the tokenizer lacks throws ConfigError. */
export interface SpecialTokens {
  readonly pad: number;
  readonly unk: number;
  readonly cls: number;
  readonly sep: number;
  readonly mask: number;
}

export interface EncodeOptions {
  /** Put special tokens such as [CLS] and [SEP] around the text; true by default. */
  readonly addSpecialTokens?: boolean;
  /** Second text of a pair. */
  readonly pair?: string;
  /** Instead of the tokenizer's own; null for none. */
  readonly truncation?: Truncation | null;
  /** Instead of the tokenizer's own; null for none. */
  readonly padding?: Padding | null;
}

/** A text, or a text and its pair. */
export type EncodeInput = string | readonly [string, string];

export interface DecodeOptions {
  /** Leave special tokens out of the text; true by default, as in Python `tokenizers`. */
  readonly skipSpecialTokens?: boolean;
}

/** Text to ids and back; immutable and shareable. A lone surrogate is U+FFFD, which encoders write for it. */
export interface Tokenizer {
  /** Number of ids, added tokens included: ids are 0 .. vocabSize - 1. */
  readonly vocabSize: number;
  readonly special: SpecialTokens;
  /** Every special id, ascending. */
  readonly specialIds: readonly number[];
  tokenToId(token: string): number | undefined;
  idToToken(id: number): string | undefined;
  /** Ids with offsets; special tokens written in the text, such as "[MASK]", become their ids. */
  encode(text: string, options?: EncodeOptions): Encoding;
  /** As `encode` for each input, padded together where padding is to the longest. */
  encodeBatch(inputs: readonly EncodeInput[], options?: Omit<EncodeOptions, 'pair'>): Encoding[];
  /** Ids alone, fast, for corpora: nothing is added around the text, and "[MASK]" in it is ordinary text. */
  encodeIds(text: string): Int32Array;
  /** The text of `ids`; ids outside the vocabulary are left out, as in Python `tokenizers`. */
  decode(ids: Iterable<number>, options?: DecodeOptions): string;
  /** The content of `tokenizer.json`. */
  toJSON(): TokenizerJson;
}
