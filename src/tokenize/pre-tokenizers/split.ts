import type { AlignedText } from '../aligned-text.js';
import type { ComponentJson } from '../codec/schema.js';
import type { Chunker, PreTokenizer } from '../component.js';
import type { TextPattern } from '../patterns/text-pattern.js';
import { type SplitBehavior, type Stretch, stretchesBetween, wordStretches } from './delimiters.js';

export interface SplitOptions {
  readonly pattern: TextPattern;
  readonly behavior: SplitBehavior;
  /** The matches are the words, and what is between them the delimiters. */
  readonly invert?: boolean;
}

/** How behaviors are written in `tokenizer.json`. */
export const BEHAVIOR_NAMES: Readonly<Record<SplitBehavior, string>> = {
  removed: 'Removed',
  isolated: 'Isolated',
  mergedWithPrevious: 'MergedWithPrevious',
  mergedWithNext: 'MergedWithNext',
  contiguous: 'Contiguous',
};

/** Cuts at what a pattern matches. */
export class SplitPreTokenizer implements PreTokenizer {
  readonly isLocal = false;

  readonly chunker: Chunker = {
    forEachChunk: (text, _, visit) => {
      for (const { start, end } of this.wordsOf(text)) visit(text, start, end, 0);
    },
    split: (chunk) => [chunk],
  };

  constructor(private readonly options: SplitOptions) {}

  split(text: AlignedText): AlignedText[] {
    return this.wordsOf(text.text).map(({ start, end }) => text.slice(start, end));
  }

  private wordsOf(text: string): Stretch[] {
    const { pattern, behavior, invert = false } = this.options;
    const stretches = stretchesBetween(text, pattern.matches(text));
    const marked = invert
      ? stretches.map((stretch) => ({ ...stretch, isDelimiter: !stretch.isDelimiter }))
      : stretches;
    return wordStretches(marked, behavior);
  }

  toJSON(): ComponentJson {
    const { pattern, behavior, invert = false } = this.options;
    return { type: 'Split', pattern: pattern.toJSON(), behavior: BEHAVIOR_NAMES[behavior], invert };
  }
}
