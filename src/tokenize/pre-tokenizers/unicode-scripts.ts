import type { AlignedText } from '../aligned-text.js';
import { valueInRanges } from '../code-point-ranges.js';
import type { ComponentJson } from '../codec/schema.js';
import type { PreTokenizer } from '../component.js';
import { SCRIPTS } from './script-table.js';

/**
 * Cuts where the script changes, as SentencePiece does: Han and kana are one script, and characters of no script
 * stay with what is before them. What comes before the first character of a script is dropped, as in the reference.
 */
export class UnicodeScriptsPreTokenizer implements PreTokenizer {
  readonly isLocal = false;

  split(text: AlignedText): AlignedText[] {
    const cuts: number[] = [];
    let last: number | undefined;
    let at = 0;
    for (const character of text.text) {
      const script = valueInRanges(character.codePointAt(0) as number, SCRIPTS);
      if (script !== undefined && script !== last) {
        cuts.push(at);
        last = script;
      }
      at += character.length;
    }
    return cuts.map((start, index) => text.slice(start, cuts[index + 1] ?? at));
  }

  toJSON(): ComponentJson {
    return { type: 'UnicodeScripts' };
  }
}
