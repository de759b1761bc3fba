import type { AlignedText } from '../aligned-text.js';
import type { ComponentJson } from '../codec/schema.js';
import type { Normalizer } from '../component.js';
import { toUnicodeForm, type UnicodeForm } from './unicode-forms.js';

/** NFC, NFD, NFKC or NFKD. */
export class UnicodeNormalizer implements Normalizer {
  readonly isLocal = true;

  constructor(private readonly form: UnicodeForm) {}

  normalize(text: AlignedText): AlignedText {
    return toUnicodeForm(text, this.form);
  }

  toJSON(): ComponentJson {
    return { type: this.form };
  }
}
