import type { AlignedText } from '../aligned-text.js';
import type { ComponentJson } from '../codec/schema.js';
import type { Chunker, PreTokenizer } from '../component.js';

/** Where a text that begins with no space is given one: every text, only the first of an input, or none. */
export type PrependScheme = 'always' | 'first' | 'never';

export interface MetaspaceOptions {
  /** The one character that is written for a space; U+2581 by default. */
  readonly replacement?: string;
  /** 'always' by default. */
  readonly prependScheme?: PrependScheme;
  /** Begin a word at every space; true by default. */
  readonly split?: boolean;
}

export const METASPACE = '\u2581';

/** Writes spaces as a visible character that begins words, as SentencePiece does (Kudo and Richardson 2018). */
export class MetaspacePreTokenizer implements PreTokenizer {
  readonly isLocal = false;
  readonly chunker: Chunker;
  private readonly replacement: string;
  private readonly prependScheme: PrependScheme;
  private readonly isSplit: boolean;

  constructor(options: MetaspaceOptions = {}) {
    this.replacement = options.replacement ?? METASPACE;
    this.prependScheme = options.prependScheme ?? 'always';
    this.isSplit = options.split ?? true;
    this.chunker = {
      forEachChunk: (text, visit) => {
        const marked = text.replaceAll(' ', this.replacement);
        const isPrepended = this.needsMark(marked, 0);
        this.forEachWord(isPrepended ? this.replacement + marked : marked, visit);
      },
      words: (chunk) => [chunk],
    };
  }

  split(text: AlignedText): AlignedText[] {
    const marked = this.marked(text);
    const spaced = this.needsMark(marked.text, text.origin) ? marked.prepend(this.replacement) : marked;
    const words: AlignedText[] = [];
    this.forEachWord(spaced.text, (_, start, end) => words.push(spaced.slice(start, end)));
    return words;
  }

  private marked(text: AlignedText): AlignedText {
    if (this.replacement.length === 1) return text.withText(text.text.replaceAll(' ', this.replacement));
    return text.mapCharacters((character) => (character === ' ' ? this.replacement : character));
  }

  private needsMark(marked: string, origin: number): boolean {
    if (marked === '' || marked.startsWith(this.replacement)) return false;
    return this.prependScheme === 'always' || (this.prependScheme === 'first' && origin === 0);
  }

  private forEachWord(marked: string, visit: (word: string, start: number, end: number) => void): void {
    for (let start = 0; start < marked.length; ) {
      const next = this.isSplit ? marked.indexOf(this.replacement, start + this.lengthAt(marked, start)) : -1;
      const end = next < 0 ? marked.length : next;
      visit(marked.slice(start, end), start, end);
      start = end;
    }
  }

  private lengthAt(marked: string, at: number): number {
    return marked.startsWith(this.replacement, at) ? this.replacement.length : 1;
  }

  toJSON(): ComponentJson {
    return {
      type: 'Metaspace',
      replacement: this.replacement,
      prepend_scheme: this.prependScheme,
      split: this.isSplit,
    };
  }
}
