import type { ComponentJson } from '../codec/schema.js';
import type { Decoder } from '../component.js';
import { cleanUp } from './wordpiece.js';

export interface CtcOptions {
  /** Stands between two equal tokens that are meant twice; not text. */
  readonly padToken: string;
  readonly wordDelimiterToken: string;
  /** Write spaces for word delimiters, and remove those before punctuation. */
  readonly cleanup: boolean;
}

/** Connectionist temporal classification (Graves et al. 2006): of equal tokens in a row one is left, then no padding. */
export class CtcDecoder implements Decoder {
  constructor(private readonly options: CtcOptions) {}

  decode(tokens: readonly string[]): string[] {
    const { padToken, wordDelimiterToken, cleanup } = this.options;
    return tokens
      .filter((token, index) => index === 0 || token !== tokens[index - 1])
      .map((token) => (padToken === '' ? token : token.replaceAll(padToken, '')))
      .map((text) => (cleanup ? cleanUp(text).replaceAll(wordDelimiterToken, ' ') : text))
      .filter((text) => text !== '');
  }

  toJSON(): ComponentJson {
    const { padToken, wordDelimiterToken, cleanup } = this.options;
    return { type: 'CTC', pad_token: padToken, word_delimiter_token: wordDelimiterToken, cleanup };
  }
}
