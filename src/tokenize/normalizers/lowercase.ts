import type { AlignedText } from '../aligned-text.js';
import type { ComponentJson } from '../codec/schema.js';
import type { Normalizer } from '../component.js';

const ASCII = /^[\0-\x7f]*$/;

/** Lower case, one character at a time, as the reference does: a final capital sigma becomes σ. */
export class LowercaseNormalizer implements Normalizer {
  readonly isLocal = true;

  normalize(text: AlignedText): AlignedText {
    if (ASCII.test(text.text)) return text.withText(text.text.toLowerCase());
    return text.mapCharacters((character) => character.toLowerCase());
  }

  toJSON(): ComponentJson {
    return { type: 'Lowercase' };
  }
}
