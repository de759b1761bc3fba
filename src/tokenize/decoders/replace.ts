import type { ComponentJson } from '../codec/schema.js';
import type { Decoder } from '../component.js';
import type { TextPattern } from '../patterns/text-pattern.js';

/** Replaces what a pattern matches in every token. */
export class ReplaceDecoder implements Decoder {
  constructor(
    private readonly pattern: TextPattern,
    private readonly content: string,
  ) {}

  decode(tokens: readonly string[]): string[] {
    return tokens.map((token) => {
      let text = '';
      let done = 0;
      for (const [start, end] of this.pattern.matches(token)) {
        text += token.slice(done, start) + this.content;
        done = end;
      }
      return text + token.slice(done);
    });
  }

  toJSON(): ComponentJson {
    return { type: 'Replace', pattern: this.pattern.toJSON(), content: this.content };
  }
}
