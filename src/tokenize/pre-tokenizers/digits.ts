import type { AlignedText } from '../aligned-text.js';
import { isInRanges } from '../code-point-ranges.js';
import type { ComponentJson } from '../codec/schema.js';
import type { PreTokenizer } from '../component.js';
import { NUMERIC } from './character-tables.js';
import { splitAt, stretchesByCharacter } from './delimiters.js';

/** Cuts numbers, or each of their digits, from what is around them. */
export class DigitsPreTokenizer implements PreTokenizer {
  readonly isLocal = false;

  constructor(private readonly individualDigits = false) {}

  split(text: AlignedText): AlignedText[] {
    const stretches = stretchesByCharacter(text.text, (character) =>
      isInRanges(character.codePointAt(0) as number, NUMERIC),
    );
    return splitAt(text, stretches, this.individualDigits ? 'isolated' : 'contiguous');
  }

  toJSON(): ComponentJson {
    return { type: 'Digits', individual_digits: this.individualDigits };
  }
}
