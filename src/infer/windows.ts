import { ConfigError } from '../core/index.js';
import type { Encoding, Tokenizer } from '../tokenize/index.js';

/** A text as tokens: what stands around it ([CLS], [SEP]) and its own tokens, without a limit of length. */
export interface TokenisedText {
  readonly text: string;
  /** Special ids before and after the text. */
  readonly before: readonly number[];
  readonly after: readonly number[];
  /** The text's own tokens. */
  readonly ids: readonly number[];
  readonly tokens: readonly string[];
  /** [start, end) of each token in UTF-16 code units of the text. */
  readonly offsets: readonly (readonly [number, number])[];
  /** Index of the word that each token is part of. */
  readonly wordIds: readonly (number | null)[];
}

/** Tokens [start, end) of a text that the model reads at once. */
export interface Window {
  readonly start: number;
  readonly end: number;
}

/** Tokenises a text whole; nothing is cut off. */
export function tokeniseText(tokenizer: Tokenizer, text: string): TokenisedText {
  const encoding: Encoding = tokenizer.encode(text, { truncation: null, padding: null });
  const first = encoding.sequenceIds.findIndex((sequence) => sequence !== null);
  const last = encoding.sequenceIds.findLastIndex((sequence) => sequence !== null);
  const [start, end] = first < 0 ? [1, 1] : [first, last + 1];
  return {
    text,
    before: encoding.ids.slice(0, start),
    after: encoding.ids.slice(end),
    ids: encoding.ids.slice(start, end),
    tokens: encoding.tokens.slice(start, end),
    offsets: encoding.offsets.slice(start, end),
    wordIds: encoding.wordIds.slice(start, end),
  };
}

/** Most of a text's own tokens that the model reads at once. */
export function windowSize({ before, after }: TokenisedText, maxTokens: number): number {
  const size = maxTokens - before.length - after.length;
  if (size < 1)
    throw new ConfigError(`the model reads ${maxTokens} tokens, no more than it needs around a text`);
  return size;
}

/**
 * Windows of `size` tokens, `stride` apart, that cover `length` tokens; the last one ends with the text. One window when
 * the text fits.
 */
export function windowsOf(length: number, size: number, stride: number): Window[] {
  if (!(stride >= 1 && stride <= size)) {
    throw new ConfigError(`the stride of windows must be from 1 to ${size} tokens, got ${stride}`);
  }
  if (length <= size) return [{ start: 0, end: length }];
  const count = Math.ceil((length - size) / stride) + 1;
  return Array.from({ length: count }, (_, index) => {
    const start = Math.min(index * stride, length - size);
    return { start, end: start + size };
  });
}

/** For each token the index of the window in which it has the most context on its poorer side; the first of equals. */
export function bestWindows(length: number, windows: readonly Window[]): Int32Array {
  const best = new Int32Array(length);
  const context = new Int32Array(length).fill(-1);
  for (const [index, { start, end }] of windows.entries()) {
    for (let token = start; token < end; token++) {
      // The edges of the text itself cost nothing: there is no context beyond them in any window.
      const left = start === 0 ? Number.MAX_SAFE_INTEGER : token - start;
      const right = end === length ? Number.MAX_SAFE_INTEGER : end - 1 - token;
      const poorer = Math.min(left, right, 2 ** 31 - 1);
      if (poorer > (context[token] as number)) {
        context[token] = poorer;
        best[token] = index;
      }
    }
  }
  return best;
}

/** The ids of a window with what stands around a text, as the model reads them. */
export function windowIds(text: TokenisedText, { start, end }: Window): number[] {
  return [...text.before, ...text.ids.slice(start, end), ...text.after];
}
