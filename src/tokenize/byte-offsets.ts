import type { TokenColumns } from './columns.js';

/**
 * Turns [start, end) offsets in UTF-16 code units of `text` into offsets in bytes of its UTF-8 form; a lone
 * surrogate counts the 3 bytes of U+FFFD, which encoders write for it. Takes time linear in text and offsets.
 */
export function toByteOffsets(
  text: string,
  offsets: readonly (readonly [number, number])[],
): [number, number][] {
  const bytesBefore = utf8BytesBefore(text);
  return offsets.map(([start, end]) => [bytesBefore[start] as number, bytesBefore[end] as number]);
}

/**
 * The offsets of an encoding in bytes, each in its own text of `texts` (the text and, for a pair, the other); [0, 0) for
 * special tokens added around texts, and padding.
 */
export function byteOffsetsOf(
  { offsets, sequenceIds }: Pick<TokenColumns, 'offsets' | 'sequenceIds'>,
  texts: readonly string[],
): [number, number][] {
  const before = texts.map(utf8BytesBefore);
  return offsets.map(([start, end], index) => {
    const bytesBefore = before[sequenceIds[index] ?? -1];
    return [bytesBefore?.[start] ?? 0, bytesBefore?.[end] ?? 0];
  });
}

/** For each code unit, and the end of the text, the number of UTF-8 bytes before it. */
function utf8BytesBefore(text: string): Uint32Array {
  const bytesBefore = new Uint32Array(text.length + 1);
  let bytes = 0;
  let unit = 0;
  for (const character of text) {
    // The inside of a surrogate pair is no place to cut; it gets the byte at which the pair begins.
    for (let inside = 0; inside < character.length; inside++) bytesBefore[unit++] = bytes;
    bytes += utf8Length(character.codePointAt(0) as number);
  }
  bytesBefore[unit] = bytes;
  return bytesBefore;
}

function utf8Length(codePoint: number): number {
  if (codePoint < 0x80) return 1;
  if (codePoint < 0x800) return 2;
  return codePoint < 0x10000 ? 3 : 4;
}
