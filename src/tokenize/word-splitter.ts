import { AlignedText } from './aligned-text.js';
import type { ChunkVisitor, Normalizer, PreTokenizer } from './component.js';

const TAB = 9;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const SPACE = 32;

/** Raw text to words by way of chunks, whose words may be cached. */
export class WordSplitter {
  /** True when chunks are stretches of the raw text, which needs no normalising before it is cut into them. */
  readonly isLocal: boolean;
  /** True when a text that is normalised is cut into chunks that are stretches of it. */
  readonly isChunked: boolean;

  constructor(
    private readonly normalizer: Normalizer,
    private readonly preTokenizer: PreTokenizer,
  ) {
    this.isLocal = normalizer.isLocal && preTokenizer.isLocal;
    this.isChunked = preTokenizer.chunker !== undefined;
  }

  /**
   * Calls `visit` with each chunk of well-formed `text`, such that the words of the text are those of its chunks:
   * the runs between ASCII whitespace where the components are local, else what the pre-tokenizer's chunker or,
   * without one, the pre-tokenizer makes of the normalised text. `origin` is where the text begins.
   */
  forEachChunk(text: string, origin: number, visit: ChunkVisitor): void {
    if (this.isLocal) {
      forEachRun(text, visit);
      return;
    }
    this.forEachChunkOf(this.normalizer.normalize(AlignedText.of(text, origin)), visit);
  }

  /** The same for a text that is normalised, of components that are not local. */
  forEachChunkOf(normalized: AlignedText, visit: ChunkVisitor): void {
    const { chunker } = this.preTokenizer;
    if (chunker !== undefined) chunker.forEachChunk(normalized.text, normalized.origin, visit);
    else for (const { text: word } of this.preTokenizer.split(normalized)) visit(word, 0, word.length, 0);
  }

  /** The normalised words of a chunk. */
  words(chunk: string): readonly AlignedText[] {
    const text = AlignedText.of(chunk);
    if (this.isLocal) return this.preTokenizer.split(this.normalizer.normalize(text));
    return this.preTokenizer.chunker?.split(text) ?? [text];
  }
}

/** Calls `visit` with each run between ASCII whitespace. */
function forEachRun(text: string, visit: ChunkVisitor): void {
  let start = 0;
  for (let at = 0; at <= text.length; at++) {
    const unit = at < text.length ? text.charCodeAt(at) : SPACE;
    if (unit === SPACE || unit === LINE_FEED || unit === TAB || unit === CARRIAGE_RETURN) {
      if (start < at) visit(text, start, at, 0);
      start = at + 1;
    }
  }
}

/** `text` with U+FFFD for lone surrogates, as encoders write them; every offset stays. */
export function wellFormed(text: string): string {
  return /[\ud800-\udfff]/.test(text) ? text.replace(/\p{Surrogate}/gu, '\ufffd') : text;
}
