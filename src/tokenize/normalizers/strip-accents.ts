import type { AlignedText } from '../aligned-text.js';
import { isInRanges } from '../code-point-ranges.js';
import type { ComponentJson } from '../codec/schema.js';
import type { Normalizer } from '../component.js';
import { COMBINING_MARKS } from './normalization-tables.js';

/** Drops combining marks; accents of composed characters need NFD or NFKD before. */
export class StripAccentsNormalizer implements Normalizer {
  readonly isLocal = true;

  normalize(text: AlignedText): AlignedText {
    return text.mapCharacters((character) =>
      isInRanges(character.codePointAt(0) as number, COMBINING_MARKS) ? '' : character,
    );
  }

  toJSON(): ComponentJson {
    return { type: 'StripAccents' };
  }
}
