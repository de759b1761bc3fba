import type { AlignedText } from '../aligned-text.js';
import { isInRanges } from '../code-point-ranges.js';
import type { ComponentJson } from '../codec/schema.js';
import type { PreTokenizer } from '../component.js';
import { WHITESPACE } from '../unicode-tables.js';
import { WORD_CHARACTERS } from './character-tables.js';
import { splitAt, stretchesByCharacter } from './delimiters.js';

/** Cuts at whitespace, and between runs of word characters and runs of others. */
export class WhitespacePreTokenizer implements PreTokenizer {
  readonly isLocal = true;

  split(text: AlignedText): AlignedText[] {
    return splitAtWhitespace(text).flatMap((word) =>
      splitAt(word, stretchesByCharacter(word.text, isWordCharacter), 'contiguous'),
    );
  }

  toJSON(): ComponentJson {
    return { type: 'Whitespace' };
  }
}

/** Cuts at whitespace alone. */
export class WhitespaceSplitPreTokenizer implements PreTokenizer {
  readonly isLocal = true;

  split(text: AlignedText): AlignedText[] {
    return splitAtWhitespace(text);
  }

  toJSON(): ComponentJson {
    return { type: 'WhitespaceSplit' };
  }
}

function splitAtWhitespace(text: AlignedText): AlignedText[] {
  return splitAt(text, stretchesByCharacter(text.text, isWhitespace), 'removed');
}

function isWhitespace(character: string): boolean {
  return isInRanges(character.codePointAt(0) as number, WHITESPACE);
}

function isWordCharacter(character: string): boolean {
  return isInRanges(character.codePointAt(0) as number, WORD_CHARACTERS);
}
