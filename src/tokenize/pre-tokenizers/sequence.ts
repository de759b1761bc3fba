import type { AlignedText } from '../aligned-text.js';
import type { ComponentJson } from '../codec/schema.js';
import type { Chunker, PreTokenizer } from '../component.js';
import { MetaspacePreTokenizer } from './metaspace.js';
import { SplitPreTokenizer } from './split.js';

/** Pre-tokenizers one after another, each over every word that the one before gives. */
export class SequencePreTokenizer implements PreTokenizer {
  readonly isLocal: boolean;
  /** Where the first cuts at a pattern: what it cuts are the chunks, and the others cut them. */
  readonly chunker?: Chunker;

  constructor(private readonly members: readonly PreTokenizer[]) {
    const [first, ...others] = members;
    this.isLocal = first?.isLocal === true && members.every(isContextFree);
    if (first instanceof SplitPreTokenizer && others.every(isContextFree)) {
      const { forEachChunk } = first.chunker;
      this.chunker = { forEachChunk, split: (chunk) => splitByAll(others, chunk) };
    }
  }

  split(text: AlignedText): readonly AlignedText[] {
    return text.text === '' ? [] : splitByAll(this.members, text);
  }

  toJSON(): ComponentJson {
    return { type: 'Sequence', pretokenizers: this.members.map((member) => member.toJSON()) };
  }
}

function splitByAll(members: readonly PreTokenizer[], text: AlignedText): readonly AlignedText[] {
  const whole: readonly AlignedText[] = [text];
  return members.reduce((words, member) => words.flatMap((word) => member.split(word)), whole);
}

/** False for what may ask where in the text a word stands, as Metaspace does. */
function isContextFree(member: PreTokenizer): boolean {
  return !(member instanceof MetaspacePreTokenizer || member instanceof SequencePreTokenizer);
}
