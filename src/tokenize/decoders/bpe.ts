import type { ComponentJson } from '../codec/schema.js';
import type { Decoder } from '../component.js';

/** Joins tokens, with a space for every suffix that ends a word; the last token gets none. */
export class BpeDecoder implements Decoder {
  constructor(private readonly suffix = '</w>') {}

  decode(tokens: readonly string[]): string[] {
    return tokens.map((token, index) =>
      token.replaceAll(this.suffix, index === tokens.length - 1 ? '' : ' '),
    );
  }

  toJSON(): ComponentJson {
    return { type: 'BPEDecoder', suffix: this.suffix };
  }
}
