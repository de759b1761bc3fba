import type { ComponentJson } from '../codec/schema.js';
import type { Decoder } from '../component.js';

const BYTE_TOKEN = /^<0x([0-9A-Fa-f]{2}|\+[0-9A-Fa-f])>$/;

/** Turns runs of tokens such as <0xE4> into the characters that the bytes make up, or one U+FFFD a byte. */
export class ByteFallbackDecoder implements Decoder {
  decode(tokens: readonly string[]): string[] {
    const texts: string[] = [];
    let bytes: number[] = [];
    for (const token of tokens) {
      const hex = BYTE_TOKEN.exec(token)?.[1];
      if (hex !== undefined) {
        bytes.push(Number.parseInt(hex, 16));
        continue;
      }
      texts.push(...decodeBytes(bytes), token);
      bytes = [];
    }
    return [...texts, ...decodeBytes(bytes)];
  }

  toJSON(): ComponentJson {
    return { type: 'ByteFallback' };
  }
}

function decodeBytes(bytes: readonly number[]): string[] {
  if (bytes.length === 0) return [];
  try {
    return [new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes))];
  } catch {
    return bytes.map(() => '\ufffd');
  }
}
