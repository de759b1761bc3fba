import type { AlignedText } from '../aligned-text.js';
import type { ComponentJson } from '../codec/schema.js';
import type { PreTokenizer } from '../component.js';

/** Cuts after every `length` code points: k-mers without overlap. */
export class FixedLengthPreTokenizer implements PreTokenizer {
  readonly isLocal = false;

  /** `length` is a positive number of code points. */
  constructor(private readonly length: number) {}

  split(text: AlignedText): AlignedText[] {
    const words: AlignedText[] = [];
    let start = 0;
    let at = 0;
    let count = 0;
    for (const character of text.text) {
      at += character.length;
      if (++count % this.length === 0 || at === text.text.length) {
        words.push(text.slice(start, at));
        start = at;
      }
    }
    return words;
  }

  toJSON(): ComponentJson {
    return { type: 'FixedLength', length: this.length };
  }
}
