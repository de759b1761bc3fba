import type { ComponentJson } from '../codec/schema.js';
import type { Decoder } from '../component.js';
import { METASPACE, type MetaspaceOptions, type PrependScheme } from '../pre-tokenizers/metaspace.js';

/** Reads the visible stand-in for a space as a space; those of the first token were added, so they are dropped. */
export class MetaspaceDecoder implements Decoder {
  private readonly replacement: string;
  private readonly prependScheme: PrependScheme;
  private readonly isSplit: boolean;

  constructor(options: MetaspaceOptions = {}) {
    this.replacement = options.replacement ?? METASPACE;
    this.prependScheme = options.prependScheme ?? 'always';
    this.isSplit = options.split ?? true;
  }

  decode(tokens: readonly string[]): string[] {
    return tokens.map((token, index) => {
      const isAdded = index === 0 && this.prependScheme !== 'never';
      return token.replaceAll(this.replacement, isAdded ? '' : ' ');
    });
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
