import type { AlignedText } from '../aligned-text.js';
import { isInRanges } from '../code-point-ranges.js';
import type { ComponentJson } from '../codec/schema.js';
import type { PreTokenizer } from '../component.js';
import { PUNCTUATION } from '../unicode-tables.js';
import { type SplitBehavior, splitAt, stretchesByCharacter } from './delimiters.js';
import { BEHAVIOR_NAMES } from './split.js';

/** Cuts at every punctuation character. */
export class PunctuationPreTokenizer implements PreTokenizer {
  readonly isLocal = false;

  constructor(private readonly behavior: SplitBehavior = 'isolated') {}

  split(text: AlignedText): AlignedText[] {
    const stretches = stretchesByCharacter(text.text, (character) =>
      isInRanges(character.codePointAt(0) as number, PUNCTUATION),
    );
    return splitAt(text, stretches, this.behavior);
  }

  toJSON(): ComponentJson {
    return { type: 'Punctuation', behavior: BEHAVIOR_NAMES[this.behavior] };
  }
}
