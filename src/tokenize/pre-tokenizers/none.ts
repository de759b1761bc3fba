import type { AlignedText } from '../aligned-text.js';
import type { PreTokenizer } from '../component.js';

/** Stands for no pre-tokenizer: the text is one word. */
export class NoPreTokenizer implements PreTokenizer {
  readonly isLocal = false;

  split(text: AlignedText): AlignedText[] {
    return text.text === '' ? [] : [text];
  }

  toJSON(): null {
    return null;
  }
}
