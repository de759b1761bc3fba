const utf8Encoder = new TextEncoder();

/** SentencePiece's tokens for the UTF-8 bytes of `text`, such as "<0xE2>". */
export function byteTokens(text: string): string[] {
  return Array.from(utf8Encoder.encode(text), (byte) => {
    return `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`;
  });
}

/** The ids of the byte tokens of `text`; undefined when one is not in the vocabulary. */
export function byteTokenIds(text: string, ids: ReadonlyMap<string, number>): number[] | undefined {
  const found = byteTokens(text).map((token) => ids.get(token));
  return found.every((id) => id !== undefined) ? found : undefined;
}
