import type { ComponentJson } from '../codec/schema.js';
import type { TextColumns } from '../columns.js';
import type { PostProcessor } from '../component.js';
import { trimOffsets } from './trim-offsets.js';

export interface ByteLevelOptions {
  /** The pre-tokenizer puts a space before a text that has none; true by default. */
  readonly addPrefixSpace?: boolean;
  /** Leave the spaces at the ends of tokens out of their offsets; true by default. */
  readonly trimOffsets?: boolean;
  /** Cut words by GPT-2's pattern; true by default. */
  readonly useRegex?: boolean;
}

/** Adds no token; takes spaces out of the offsets of byte-level tokens. */
export class ByteLevelPostProcessor implements PostProcessor {
  private readonly addPrefixSpace: boolean;
  private readonly trimOffsets: boolean;
  private readonly useRegex: boolean;

  constructor(options: ByteLevelOptions = {}) {
    this.addPrefixSpace = options.addPrefixSpace ?? true;
    this.trimOffsets = options.trimOffsets ?? true;
    this.useRegex = options.useRegex ?? true;
  }

  addedTokens(): number {
    return 0;
  }

  process(sequences: readonly TextColumns[]): readonly TextColumns[] {
    if (!this.trimOffsets) return sequences;
    return sequences.map((sequence) => trimOffsets(sequence, this.addPrefixSpace));
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
