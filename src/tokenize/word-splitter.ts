import { AlignedText } from './aligned-text.js';
import type { Normalizer, PreTokenizer } from './component.js';

const TAB = 9;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const SPACE = 32;

/** Raw text to words, without offsets, by way of chunks whose words may be cached. */
export class WordSplitter {
  private readonly isLocal: boolean;

  constructor(
    private readonly normalizer: Normalizer,
    private readonly preTokenizer: PreTokenizer,
  ) {
    this.isLocal = normalizer.isLocal && preTokenizer.isLocal;
  }

  /**
   * Calls `visit` with each chunk of `text`, such that the words of the text are those of its chunks: the runs
   * between ASCII whitespace where the components are local, else what the pre-tokenizer's chunker or, without
   * one, the pre-tokenizer makes of the normalised text.
   */
  forEachChunk(text: string, visit: (chunk: string) => void): void {
    if (this.isLocal) {
      forEachRun(text, visit);
      return;
    }
    const normalized = this.normalizer.normalize(AlignedText.of(wellFormed(text)));
    const { chunker } = this.preTokenizer;
    if (chunker !== undefined) chunker.forEachChunk(normalized.text, visit);
    else for (const word of this.preTokenizer.split(normalized)) visit(word.text);
  }

  /** The normalised words of a chunk. */
  words(chunk: string): readonly string[] {
    if (!this.isLocal) return this.preTokenizer.chunker?.words(chunk) ?? [chunk];
    const normalized = this.normalizer.normalize(AlignedText.of(wellFormed(chunk)));
    return this.preTokenizer.split(normalized).map(({ text }) => text);
  }
}

/** Calls `visit` with each run between ASCII whitespace. */
function forEachRun(text: string, visit: (run: string) => void): void {
  let start = 0;
  for (let at = 0; at <= text.length; at++) {
    const unit = at < text.length ? text.charCodeAt(at) : SPACE;
    if (unit === SPACE || unit === LINE_FEED || unit === TAB || unit === CARRIAGE_RETURN) {
      if (start < at) visit(text.slice(start, at));
      start = at + 1;
    }
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
