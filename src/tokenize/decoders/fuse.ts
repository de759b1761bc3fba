import type { ComponentJson } from '../codec/schema.js';
import type { Decoder } from '../component.js';

/** Makes one token of all, for the decoders after it. */
export class FuseDecoder implements Decoder {
  decode(tokens: readonly string[]): string[] {
    return [tokens.join('')];
  }

  toJSON(): ComponentJson {
    return { type: 'Fuse' };
  }
}
