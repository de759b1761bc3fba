import type { Decoder } from '../component.js';

/** Stands for no decoder: the tokens with spaces between them. */
export class NoDecoder implements Decoder {
  decode(tokens: readonly string[]): string[] {
    return tokens.map((token, index) => (index === 0 ? token : ` ${token}`));
  }

  toJSON(): null {
    return null;
  }
}
