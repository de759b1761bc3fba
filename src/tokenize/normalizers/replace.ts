import { type AlignedText, AlignedTextBuilder } from '../aligned-text.js';
import type { ComponentJson } from '../codec/schema.js';
import type { Normalizer } from '../component.js';
import type { TextPattern } from '../patterns/text-pattern.js';
import { checkGrowth } from './growth.js';

/** Replaces what a pattern matches; the replacement comes from where the last matched character did. */
export class ReplaceNormalizer implements Normalizer {
  readonly isLocal: boolean;

  constructor(
    private readonly pattern: TextPattern,
    private readonly content: string,
  ) {
    this.isLocal = pattern.literal !== undefined && !/[\t\n\r ]/.test(pattern.literal);
  }

  normalize(text: AlignedText): AlignedText {
    const matches = this.pattern.matches(text.text);
    if (matches.length === 0) return text;
    checkGrowth(text.text.length, matches.length * this.content.length);
    const builder = new AlignedTextBuilder(text);
    let done = 0;
    for (const [start, end] of matches) {
      for (const character of text.text.slice(done, start)) builder.put(character, 0);
      builder.drop([...text.text.slice(start, end)].length);
      for (const character of this.content) builder.put(character, 1);
      done = end;
    }
    for (const character of text.text.slice(done)) builder.put(character, 0);
    return builder.build();
  }

  toJSON(): ComponentJson {
    return { type: 'Replace', pattern: this.pattern.toJSON(), content: this.content };
  }
}
