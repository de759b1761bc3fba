import { FormatError } from '../../core/index.js';

const HAS_LEAF = 1 << 8;
const LEAF_VALUE = 0x7fffffff;
const LABEL_MASK = 0x800000ff;

/**
 * SentencePiece's precompiled character map: a double-array trie (Aoe 1989, in Darts-clone's layout) from UTF-8
 * strings to positions in a table of replacements that end in NUL.
 */
export class CharacterMap {
  private readonly units: Uint32Array;
  private readonly replacements: Uint8Array;
  private readonly known = new Map<string, string | undefined>();

  /** `bytes`: u32 size of the trie in bytes, the trie as u32 units, the table. Throws FormatError. */
  constructor(bytes: Uint8Array) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const size = bytes.length >= 4 ? view.getUint32(0, true) : 0;
    if (size === 0 || size % 4 !== 0 || size > bytes.length - 4) {
      throw new FormatError(
        `character map: expected the size of a trie within ${bytes.length} bytes, got ${size}`,
      );
    }
    this.units = Uint32Array.from({ length: size / 4 }, (_, index) => view.getUint32(4 + 4 * index, true));
    this.replacements = bytes.subarray(4 + size);
  }

  /** What the shortest prefix of `text` in the map becomes; undefined when none is in it. */
  lookUp(text: string): string | undefined {
    if (!this.known.has(text)) {
      if (this.known.size > 1 << 16) this.known.clear();
      this.known.set(text, this.find(new TextEncoder().encode(text)));
    }
    return this.known.get(text);
  }

  private find(key: Uint8Array): string | undefined {
    let unit = this.units[0] as number;
    let position = offsetOf(unit);
    for (const byte of key) {
      if (byte === 0) return undefined;
      position ^= byte;
      unit = this.units[position] ?? 0;
      if ((unit & LABEL_MASK) !== byte) return undefined;
      position ^= offsetOf(unit);
      if ((unit & HAS_LEAF) !== 0) return this.replacementAt((this.units[position] ?? 0) & LEAF_VALUE);
    }
    return undefined;
  }

  private replacementAt(start: number): string {
    const end = this.replacements.indexOf(0, start);
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(
      this.replacements.subarray(start, end < 0 ? this.replacements.length : end),
    );
  }
}

function offsetOf(unit: number): number {
  return (unit >>> 10) << ((unit & (1 << 9)) >>> 6);
}
