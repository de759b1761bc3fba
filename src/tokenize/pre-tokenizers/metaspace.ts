import type { AlignedText } from '../aligned-text.js';
import type { ComponentJson } from '../codec/schema.js';
import type { Chunker, PreTokenizer } from '../component.js';

/** Where a text that begins with no space is given one: every text, only the first of an input, or none. */
export type PrependScheme = 'always' | 'first' | 'never';

export interface MetaspaceOptions {
  /** The one UTF-16 code unit that is written for a space; U+2581 by default. */
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
      forEachChunk: (text, origin, visit) => {
        const marked = text.replaceAll(' ', this.replacement);
        const added = this.needsMark(marked, origin) ? 1 : 0;
        const spaced = added > 0 ? this.replacement + marked : marked;
        this.forEachWord(spaced, (start, end) => visit(spaced, start, end, added));
      },
      split: (chunk) => [chunk],
    };
  }

  split(text: AlignedText): AlignedText[] {
    const marked = text.withText(text.text.replaceAll(' ', this.replacement));
    const spaced = this.needsMark(marked.text, text.origin) ? marked.prepend(this.replacement) : marked;
    const words: AlignedText[] = [];
    this.forEachWord(spaced.text, (start, end) => words.push(spaced.slice(start, end)));
    return words;
  }

  private needsMark(marked: string, origin: number): boolean {
    if (marked === '' || marked.startsWith(this.replacement)) return false;
    return this.prependScheme === 'always' || (this.prependScheme === 'first' && origin === 0);
  }

  private forEachWord(marked: string, visit: (start: number, end: number) => void): void {
    for (let start = 0; start < marked.length; ) {
      const next = this.isSplit ? marked.indexOf(this.replacement, start + 1) : -1;
      const end = next < 0 ? marked.length : next;
      visit(start, end);
      start = end;
    }
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
