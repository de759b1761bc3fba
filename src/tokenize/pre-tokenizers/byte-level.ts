import type { AlignedText } from '../aligned-text.js';
import { toByteCharacters } from '../byte-characters.js';
import type { ComponentJson } from '../codec/schema.js';
import type { Chunker, PreTokenizer } from '../component.js';
import type { ByteLevelOptions } from '../post-processors/byte-level.js';
import { forEachGpt2Word } from './gpt2-words.js';

/**
 * Cuts text into words that keep their leading space, and writes each as its UTF-8 bytes, so that a vocabulary
 * of 256 bytes covers every text (Radford et al. 2019).
 */
export class ByteLevelPreTokenizer implements PreTokenizer {
  readonly isLocal = false;
  readonly chunker: Chunker;
  private readonly addPrefixSpace: boolean;
  private readonly trimOffsets: boolean;
  private readonly useRegex: boolean;

  /** `trimOffsets` is for the post-processor; here it is only kept. */
  constructor(options: ByteLevelOptions = {}) {
    this.addPrefixSpace = options.addPrefixSpace ?? true;
    this.trimOffsets = options.trimOffsets ?? true;
    this.useRegex = options.useRegex ?? true;
    this.chunker = {
      forEachChunk: (text, _, visit) => {
        const added = this.needsSpace(text) ? 1 : 0;
        const spaced = added > 0 ? ` ${text}` : text;
        this.forEachWord(spaced, (start, end) => visit(spaced, start, end, added));
      },
      split: (chunk) => [toBytes(chunk)],
    };
  }

  split(text: AlignedText): AlignedText[] {
    const spaced = this.needsSpace(text.text) ? text.prepend(' ') : text;
    const words: AlignedText[] = [];
    this.forEachWord(spaced.text, (start, end) => words.push(toBytes(spaced.slice(start, end))));
    return words;
  }

  private needsSpace(text: string): boolean {
    return this.addPrefixSpace && text !== '' && !text.startsWith(' ');
  }

  private forEachWord(text: string, visit: (start: number, end: number) => void): void {
    if (this.useRegex) forEachGpt2Word(text, visit);
    else if (text !== '') visit(0, text.length);
  }

  toJSON(): ComponentJson {
    return {
      type: 'ByteLevel',
      add_prefix_space: this.addPrefixSpace,
      trim_offsets: this.trimOffsets,
      use_regex: this.useRegex,
    };
  }
}

function toBytes(word: AlignedText): AlignedText {
  const bytes = toByteCharacters(word.text);
  return bytes.length === word.text.length ? word.withText(bytes) : word.mapCharacters(toByteCharacters);
}
