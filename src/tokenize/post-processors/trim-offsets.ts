import type { TextColumns } from '../columns.js';

/** A byte-level space, or whitespace as Rust's `char::is_whitespace` has it. */
const LEADING_SPACES = /^[\u0120\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;
const TRAILING_SPACES = /[\u0120\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+$/;

/**
 * Takes the spaces at the ends of tokens out of their offsets, as Python `tokenizers` does for byte-level
 * models: it counts them in the token and moves by as many code points. With `addPrefixSpace`
 * the single space of a token at the start was added, so that there is nothing to take out for it.
 */
export function trimOffsets(columns: TextColumns, addPrefixSpace: boolean): TextColumns {
  const offsets = columns.offsets.map(([start, end], index): readonly [number, number] => {
    const token = columns.tokens[index] as string;
    let leading = LEADING_SPACES.exec(token)?.[0].length ?? 0;
    const trailing = TRAILING_SPACES.exec(token)?.[0].length ?? 0;
    if (leading === 1 && addPrefixSpace && (index === 0 || start === 0)) leading = 0;
    const trimmedStart = Math.min(moved(columns.text, start, leading), end);
    const trimmedEnd = moved(columns.text, end, -trailing);
    return [trimmedStart, trimmedEnd < 0 ? end : Math.max(trimmedEnd, trimmedStart)];
  });
  return { ...columns, offsets };
}

/** The code unit that is `count` code points after `unit`; -1 when that is before the text. */
function moved(text: string, unit: number, count: number): number {
  let at = unit;
  for (let left = count; left > 0; left--) at += isPairAt(text, at) ? 2 : 1;
  for (let left = count; left < 0; left++) at -= isPairAt(text, at - 2) ? 2 : 1;
  return at < 0 ? -1 : at;
}

function isPairAt(text: string, unit: number): boolean {
  return unit >= 0 && (text.codePointAt(unit) ?? 0) > 0xffff;
}
