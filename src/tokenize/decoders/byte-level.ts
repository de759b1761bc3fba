import { fromByteCharacters } from '../byte-characters.js';
import type { ComponentJson } from '../codec/schema.js';
import type { Decoder } from '../component.js';

/** Joins the bytes that tokens stand for and reads them as UTF-8; what is no UTF-8 becomes U+FFFD. */
export class ByteLevelDecoder implements Decoder {
  /** What the JSON of the decoder says; it does not change the result. */
  constructor(private readonly options = { addPrefixSpace: true, trimOffsets: true, useRegex: true }) {}

  decode(tokens: readonly string[]): string[] {
    const parts = tokens.map(fromByteCharacters);
    const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of parts) {
      bytes.set(part, at);
      at += part.length;
    }
    return [new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)];
  }

  toJSON(): ComponentJson {
    const { addPrefixSpace, trimOffsets, useRegex } = this.options;
    return {
      type: 'ByteLevel',
      add_prefix_space: addPrefixSpace,
      trim_offsets: trimOffsets,
      use_regex: useRegex,
    };
  }
}
