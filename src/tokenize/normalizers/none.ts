import type { AlignedText } from '../aligned-text.js';
import type { Normalizer } from '../component.js';

/** Stands for no normalizer: the text as it is. */
export class NoNormalizer implements Normalizer {
  readonly isLocal = true;

  normalize(text: AlignedText): AlignedText {
    return text;
  }

  toJSON(): null {
    return null;
  }
}
