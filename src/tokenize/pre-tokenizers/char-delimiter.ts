import type { AlignedText } from '../aligned-text.js';
import type { ComponentJson } from '../codec/schema.js';
import type { PreTokenizer } from '../component.js';
import { splitAt, stretchesByCharacter } from './delimiters.js';

/** Cuts at a character, which is left out. */
export class CharDelimiterPreTokenizer implements PreTokenizer {
  readonly isLocal = false;

  /** `delimiter` is one code point. */
  constructor(private readonly delimiter: string) {}

  split(text: AlignedText): AlignedText[] {
    const stretches = stretchesByCharacter(text.text, (character) => character === this.delimiter);
    return splitAt(text, stretches, 'removed');
  }

  toJSON(): ComponentJson {
    return { type: 'CharDelimiterSplit', delimiter: this.delimiter };
  }
}
