import { AlignedText } from './aligned-text.js';
import type { Normalizer, PreTokenizer } from './component.js';

const TAB = 9;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const SPACE = 32;

/** Raw text to words, without offsets, by way of chunks whose words may be cached. */
export class WordSplitter {
  constructor(
    private readonly normalizer: Normalizer,
    private readonly preTokenizer: PreTokenizer,
  ) {}

  /**
   * Calls `visit` with each chunk of `text`, such that the words of the text are those of its chunks: the runs
   * between ASCII whitespace where the components are local, otherwise the whole text.
   */
  forEachChunk(text: string, visit: (chunk: string) => void): void {
    if (!this.normalizer.isLocal || !this.preTokenizer.isLocal) {
      visit(text);
      return;
    }
    let start = 0;
    for (let at = 0; at <= text.length; at++) {
      const unit = at < text.length ? text.charCodeAt(at) : SPACE;
      if (unit === SPACE || unit === LINE_FEED || unit === TAB || unit === CARRIAGE_RETURN) {
        if (start < at) visit(text.slice(start, at));
        start = at + 1;
      }
    }
  }

  /** The normalised words of a chunk. */
  words(chunk: string): string[] {
    const normalized = this.normalizer.normalize(AlignedText.of(wellFormed(chunk)));
    return this.preTokenizer.split(normalized).map(({ text }) => text);
  }
}

/** A copy of `chunk` to keep: V8 makes a slice a view, which would keep the whole text that it was cut from. */
export function detached(chunk: string): string {
  return ` ${chunk}`.slice(1);
}

/** `text` with U+FFFD for lone surrogates, as encoders write them; every offset stays. */
export function wellFormed(text: string): string {
  return /[\ud800-\udfff]/.test(text) ? text.replace(/\p{Surrogate}/gu, '\ufffd') : text;
}
