import type { AlignedText } from '../aligned-text.js';
import { toByteCharacters } from '../byte-characters.js';
import type { ComponentJson } from '../codec/schema.js';
import type { Normalizer } from '../component.js';

/** Writes a text as the stand-ins of its UTF-8 bytes (Radford et al. 2019); nothing is whitespace after that. */
export class ByteLevelNormalizer implements Normalizer {
  readonly isLocal = false;

  normalize(text: AlignedText): AlignedText {
    return text.mapCharacters(toByteCharacters);
  }

  toJSON(): ComponentJson {
    return { type: 'ByteLevel' };
  }
}
