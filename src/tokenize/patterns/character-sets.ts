import { UNASSIGNED } from './unassigned.js';

/*
 * Sets of code points as the inside of a character class of JavaScript's v flag. Oniguruma's Unicode data is older
 * than JavaScript's: what it does not know has no property there.
 */

let newer: string | undefined;

/** Code points that JavaScript knows and Oniguruma does not, as the inside of a class; found once, when needed. */
function newerCharacters(): string {
  if (newer !== undefined) return newer;
  const assigned = /\P{Cn}/u;
  const ranges: string[] = [];
  for (let index = 0; index < UNASSIGNED.length; index += 2) {
    const last = UNASSIGNED[index + 1] as number;
    let start: number | undefined;
    for (let codePoint = UNASSIGNED[index] as number; codePoint <= last + 1; codePoint++) {
      const isNew = codePoint <= last && assigned.test(String.fromCodePoint(codePoint));
      if (isNew) start ??= codePoint;
      else if (start !== undefined) {
        ranges.push(`${escaped(start)}-${escaped(codePoint - 1)}`);
        start = undefined;
      }
    }
  }
  newer = ranges.join('');
  return newer;
}

/** A letter that was a lower-case one for Oniguruma and is none for newer Unicode data. */
const MOVED = '\\u{295}';

/** The members of a property (`L`, `Script=Greek`) that Oniguruma knows. */
export function property(name: string): string {
  const without = newerCharacters() + (name === 'Lo' ? MOVED : '');
  const set = without === '' ? `\\p{${name}}` : `[\\p{${name}}--[${without}]]`;
  return name === 'Ll' || name === 'Lowercase' ? set + MOVED : set;
}

export const WORD = () => ['Alphabetic', 'M', 'Nd', 'Pc'].map(property).join('');
export const SPACE = () => '\\t-\\r \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
export const HEX_DIGIT = () => '0-9A-Fa-f';

/** One code point, or the first or last of a range. */
export function escaped(codePoint: number): string {
  return `\\u{${codePoint.toString(16)}}`;
}

/** All code points that differ from `codePoint` in case only, itself included. */
export function caseVariants(codePoint: number): number[] {
  const character = String.fromCodePoint(codePoint);
  const same = new RegExp(`^${escaped(codePoint)}$`, 'iu');
  const upper = character.toUpperCase();
  const candidates = [character, character.toLowerCase(), upper, upper.toLowerCase(), ...ODD_CASES];
  const variants = candidates.filter((candidate) => same.test(candidate));
  return [...new Set(variants.map((variant) => variant.codePointAt(0) as number))];
}

/** Characters that become another's variant without being its upper or lower case. */
const ODD_CASES = ['\u017f', '\u212a', '\u212b', '\u1e9e', '\u03c2', '\u2126', '\u00b5', '\u0345', '\u1fbe'];
