import type { Tokenizer } from './tokenizer.js';

/**
 * Where words begin among the tokens of `text`, as `encodeIds` gives them, by the tokenizer's word numbers and offsets, so
 * that any tokenizer will do: at a new word number, and at white space, which is what there is to go by where a tokenizer
 * takes whole texts for one word. In a text that spells a special token ("[MASK]") every token is a word of its own,
 * because there `encode` and `encodeIds` differ.
 */
export function encodeWords(
  tokenizer: Tokenizer,
  text: string,
): { readonly ids: Int32Array; readonly wordStarts: Uint8Array } {
  const ids = tokenizer.encodeIds(text);
  const encoding = tokenizer.encode(text, { addSpecialTokens: false, truncation: null, padding: null });
  const { wordIds, offsets } = encoding;
  const isSame = encoding.ids.length === ids.length && encoding.ids.every((id, index) => id === ids[index]);
  if (!isSame) return { ids, wordStarts: new Uint8Array(ids.length).fill(1) };
  const isSpace = (index: number) => /^\s$/.test(text.charAt(index));
  const wordStarts = Uint8Array.from(ids, (_, index) => {
    const start = offsets[index]?.[0] ?? 0;
    const isNew = index === 0 || wordIds[index] !== wordIds[index - 1];
    return Number(isNew || isSpace(start) || isSpace(start - 1));
  });
  return { ids, wordStarts };
}
