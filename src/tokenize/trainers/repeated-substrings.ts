import { byCodePoint } from './alphabet.js';
import { suffixArray } from './suffix-array.js';

/** A stretch of text that occurs more than once. */
export interface RepeatedSubstring {
  readonly text: string;
  /** Number of places where it occurs. */
  readonly occurrences: number;
}

interface Interval {
  /** Ranks of suffixes that share their first `length` symbols: [first, last). */
  readonly first: number;
  readonly last: number;
  readonly length: number;
}

const SEPARATOR = '\0';

/**
 * The substrings of `words`, of 2 to `maxLength` characters, that are followed by at least two different
 * characters or ends of words: the inner nodes of the words' suffix tree (Abouelhoda et al. 2004). Those of the
 * largest product of length and occurrences come first, of equal ones the later in order of code points; at
 * most `limit`.
 */
export function repeatedSubstrings(
  words: Iterable<string>,
  maxLength: number,
  limit: number,
): RepeatedSubstring[] {
  const { symbols, alphabet } = flatten(words);
  const suffixes = suffixArray(symbols, alphabet.length);
  const found = innerNodes(symbols, suffixes).filter(
    ({ first, length }) =>
      length >= 2 && length <= maxLength && !hasSeparator(symbols, suffixes[first] as number, length),
  );
  // The symbols of a suffix are compared by its rank.
  found.sort((a, b) => score(b) - score(a) || b.first - a.first || b.length - a.length);
  return found.slice(0, limit).map(({ first, last, length }) => {
    const start = suffixes[first] as number;
    const characters = symbols.subarray(start, start + length);
    return {
      text: Array.from(characters, (symbol) => alphabet[symbol]).join(''),
      occurrences: last - first,
    };
  });
}

function score({ first, last, length }: Interval): number {
  return (last - first) * length;
}

/** The words one after another, each followed by the separator, as indices of the sorted alphabet. */
function flatten(words: Iterable<string>): { symbols: Int32Array; alphabet: string[] } {
  const text = Array.from(words, (word) => word + SEPARATOR).join('');
  const characters = new Set([SEPARATOR]);
  for (const character of text) characters.add(character);
  const alphabet = [...characters].sort(byCodePoint);
  const indices = new Map(alphabet.map((character, index) => [character, index]));
  const symbols = new Int32Array(text.length);
  let length = 0;
  for (const character of text) symbols[length++] = indices.get(character) as number;
  return { symbols: symbols.subarray(0, length), alphabet };
}

function hasSeparator(symbols: Int32Array, start: number, length: number): boolean {
  return symbols.subarray(start, start + length).includes(0);
}

/** The intervals of suffixes that share more than their neighbours do. */
function innerNodes(symbols: Int32Array, suffixes: Int32Array): Interval[] {
  const shared = sharedLengths(symbols, suffixes);
  const nodes: Interval[] = [];
  const open: { first: number; length: number }[] = [{ first: 0, length: 0 }];
  for (let rank = 1; rank <= suffixes.length; rank++) {
    const length = rank < suffixes.length ? (shared[rank] as number) : 0;
    let first = rank - 1;
    let top = open[open.length - 1];
    while (top !== undefined && top.length > length) {
      nodes.push({ first: top.first, last: rank, length: top.length });
      first = top.first;
      open.pop();
      top = open[open.length - 1];
    }
    if (top === undefined || top.length < length) open.push({ first, length });
  }
  return nodes;
}

/**
 * For each suffix, in order, how many symbols it shares with the one before it (Kasai et al. 2001 by way of
 * Karkkainen et al. 2009, "Permuted Longest-Common-Prefix Array").
 */
function sharedLengths(symbols: Int32Array, suffixes: Int32Array): Int32Array {
  const n = symbols.length;
  const before = new Int32Array(n).fill(-1);
  for (let rank = 1; rank < n; rank++) before[suffixes[rank] as number] = suffixes[rank - 1] as number;
  const permuted = new Int32Array(n);
  let length = 0;
  for (let start = 0; start < n; start++) {
    const other = before[start] as number;
    if (other < 0) {
      length = 0;
      continue;
    }
    const longest = n - Math.max(start, other);
    while (length < longest && symbols[start + length] === symbols[other + length]) length++;
    permuted[start] = length;
    if (length > 0) length--;
  }
  return suffixes.map((start) => permuted[start] as number);
}
