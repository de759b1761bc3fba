import type { AlignedText } from '../aligned-text.js';
import { isInRanges } from '../code-point-ranges.js';
import type { ComponentJson } from '../codec/schema.js';
import type { PreTokenizer } from '../component.js';
import { PUNCTUATION, WHITESPACE } from '../unicode-tables.js';

/** Cuts at whitespace and makes each punctuation character a word, as BERT's basic tokenizer does. */
export class BertPreTokenizer implements PreTokenizer {
  readonly isLocal = true;

  split(text: AlignedText): AlignedText[] {
    const words: AlignedText[] = [];
    let wordStart = 0;
    let at = 0;
    for (const character of text.text) {
      const codePoint = character.codePointAt(0) as number;
      const isPunctuation = isInRanges(codePoint, PUNCTUATION);
      if (isPunctuation || isInRanges(codePoint, WHITESPACE)) {
        if (wordStart < at) words.push(text.slice(wordStart, at));
        wordStart = at + character.length;
        if (isPunctuation) words.push(text.slice(at, wordStart));
      }
      at += character.length;
    }
    if (wordStart < at) words.push(text.slice(wordStart, at));
    return words;
  }

  toJSON(): ComponentJson {
    return { type: 'BertPreTokenizer' };
  }
}
