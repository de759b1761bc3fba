import { type AlignedText, AlignedTextBuilder } from '../aligned-text.js';
import type { ComponentJson } from '../codec/schema.js';
import type { Normalizer } from '../component.js';

// \s would also take U+FEFF and leave U+0085.
const SPACES_BEFORE = /^[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*/;
const SPACE = /[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

/** Drops whitespace at the ends of the text. */
export class StripNormalizer implements Normalizer {
  readonly isLocal = false;

  constructor(
    private readonly left: boolean,
    private readonly right: boolean,
  ) {}

  normalize(text: AlignedText): AlignedText {
    const start = this.left ? (SPACES_BEFORE.exec(text.text)?.[0].length ?? 0) : 0;
    let end = text.text.length;
    while (this.right && end > start && SPACE.test(text.text.charAt(end - 1))) end--;
    if (start === 0 && end === text.text.length) return text;
    // Not a slice: the text still begins where it did, for what is put before its first character.
    const builder = new AlignedTextBuilder(text);
    builder.drop(start);
    for (const character of text.text.slice(start, end)) builder.put(character, 0);
    return builder.build();
  }

  toJSON(): ComponentJson {
    return { type: 'Strip', strip_left: this.left, strip_right: this.right };
  }
}
