import type { ComponentJson } from '../codec/schema.js';
import type { Decoder } from '../component.js';

/** Drops a character from the ends of every token. */
export class StripDecoder implements Decoder {
  /** Up to `start` times `content`, one code point, from the beginning, and up to `stop` times from the end. */
  constructor(
    private readonly content: string,
    private readonly start: number,
    private readonly stop: number,
  ) {}

  decode(tokens: readonly string[]): string[] {
    return tokens.map((token) => this.strip(token));
  }

  private strip(token: string): string {
    const { content } = this;
    let first = 0;
    let end = token.length;
    for (let count = 0; count < this.start && token.startsWith(content, first); count++)
      first += content.length;
    for (let count = 0; count < this.stop; count++) {
      if (!token.slice(first, end).endsWith(content)) break;
      end -= content.length;
    }
    return token.slice(first, end);
  }

  toJSON(): ComponentJson {
    return { type: 'Strip', content: this.content, start: this.start, stop: this.stop };
  }
}
