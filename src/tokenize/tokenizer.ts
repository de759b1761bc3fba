import type { TokenizerJson } from './codec/schema.js';

/** What a text became: one entry per token in every column. */
export interface Encoding {
  readonly ids: readonly number[];
  readonly tokens: readonly string[];
  /** [start, end) in UTF-16 code units of the original text (of the pair's second text where `typeIds` says so); special tokens added around it have [0, 0). */
  readonly offsets: readonly (readonly [number, number])[];
  /** Index of the word, within its text, that the token is part of; null for special tokens added around it. */
  readonly wordIds: readonly (number | null)[];
  readonly specialTokensMask: readonly (0 | 1)[];
  readonly typeIds: readonly number[];
}

/** Ids of [PAD], [UNK], [CLS], [SEP] and [MASK]. */
export interface SpecialTokens {
  readonly pad: number;
  readonly unk: number;
  readonly cls: number;
  readonly sep: number;
  readonly mask: number;
}

export interface EncodeOptions {
  /** Put [CLS] and [SEP] around the text; true by default. */
  readonly addSpecialTokens?: boolean;
  /** Second text of a pair. */
  readonly pair?: string;
}

export interface DecodeOptions {
  /** Leave special tokens out of the text; true by default, as in Python `tokenizers`. */
  readonly skipSpecialTokens?: boolean;
}

/** Text to ids and back; immutable and shareable. */
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
  /** Ids alone, fast, for corpora: nothing is added around the text, and "[MASK]" in it is ordinary text. */
  encodeIds(text: string): Int32Array;
  /** The text of `ids`; ids outside the vocabulary are left out, as in Python `tokenizers`. */
  decode(ids: Iterable<number>, options?: DecodeOptions): string;
  /** The content of `tokenizer.json`. */
  toJSON(): TokenizerJson;
}
