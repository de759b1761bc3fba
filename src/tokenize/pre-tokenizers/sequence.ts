import type { AlignedText } from '../aligned-text.js';
import type { ComponentJson } from '../codec/schema.js';
import type { PreTokenizer } from '../component.js';

/** Pre-tokenizers one after another, each over every word that the one before gives. */
export class SequencePreTokenizer implements PreTokenizer {
  readonly isLocal: boolean;

  constructor(private readonly members: readonly PreTokenizer[]) {
    this.isLocal = members[0]?.isLocal === true && members.every(isContextFree);
  }

  split(text: AlignedText): readonly AlignedText[] {
    const whole: readonly AlignedText[] = text.text === '' ? [] : [text];
    return this.members.reduce((words, member) => words.flatMap((word) => member.split(word)), whole);
  }

  toJSON(): ComponentJson {
    return { type: 'Sequence', pretokenizers: this.members.map((member) => member.toJSON()) };
  }
}

/** False for what may ask where in the text a word stands, as Metaspace does. */
function isContextFree(member: PreTokenizer): boolean {
  return member.isLocal || !(member.chunker !== undefined || member instanceof SequencePreTokenizer);
}
