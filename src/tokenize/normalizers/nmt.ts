import type { AlignedText } from '../aligned-text.js';
import { isInRanges } from '../code-point-ranges.js';
import type { ComponentJson } from '../codec/schema.js';
import type { Normalizer } from '../component.js';
import { NMT_REMOVED, NMT_SPACES } from './normalization-tables.js';

/** SentencePiece's `nmt` rules: control characters go, odd spaces become spaces. */
export class NmtNormalizer implements Normalizer {
  readonly isLocal = true;

  normalize(text: AlignedText): AlignedText {
    return text.mapCharacters((character) => {
      const codePoint = character.codePointAt(0) as number;
      if (isInRanges(codePoint, NMT_REMOVED)) return '';
      return isInRanges(codePoint, NMT_SPACES) ? ' ' : character;
    });
  }

  toJSON(): ComponentJson {
    return { type: 'Nmt' };
  }
}
