import type { ComponentJson } from '../codec/schema.js';
import type { Decoder } from '../component.js';

/** Spaces that word-by-word joining leaves around punctuation and English contractions, in the reference's order. */
const CLEANUPS: readonly (readonly [string, string])[] = [
  [' .', '.'],
  [' ?', '?'],
  [' !', '!'],
  [' ,', ','],
  [" ' ", "'"],
  [" n't", "n't"],
  [" 'm", "'m"],
  [' do not', " don't"],
  [" 's", "'s"],
  [" 've", "'ve"],
  [" 're", "'re"],
];

/** Removes such spaces. */
export function cleanUp(text: string): string {
  return CLEANUPS.reduce((dirty, [from, to]) => dirty.replaceAll(from, to), text);
}

/** Joins WordPiece tokens: continuations are glued on, other tokens follow a space. */
export class WordPieceDecoder implements Decoder {
  /** `cleanup` removes the spaces before punctuation, token by token as Python `tokenizers` does. */
  constructor(
    private readonly prefix = '##',
    private readonly cleanup = true,
  ) {}

  decode(tokens: readonly string[]): string[] {
    return tokens.map((token, index) => this.decodeToken(token, index === 0));
  }

  private decodeToken(token: string, isFirst: boolean): string {
    let text = token;
    if (!isFirst) text = token.startsWith(this.prefix) ? token.slice(this.prefix.length) : ` ${token}`;
    return this.cleanup ? cleanUp(text) : text;
  }

  toJSON(): ComponentJson {
    return { type: 'WordPiece', prefix: this.prefix, cleanup: this.cleanup };
  }
}
