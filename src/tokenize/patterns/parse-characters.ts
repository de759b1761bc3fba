import { caseVariants, escaped, HEX_DIGIT, property, SPACE, WORD } from './character-sets.js';
import type { PatternScanner } from './scanner.js';

/** A set of code points: the inside of a class, or a single one where a range may begin. */
type ClassItem = { readonly set: string } | { readonly codePoint: number };

const CONTROLS: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13, a: 7, e: 27 };

const SHORTHANDS: Readonly<Record<string, () => string>> = {
  s: SPACE,
  w: WORD,
  d: () => property('Nd'),
  h: HEX_DIGIT,
};

const POSIX: Readonly<Record<string, () => string>> = {
  alpha: () => property('Alphabetic'),
  alnum: () => property('Alphabetic') + property('Nd'),
  digit: () => property('Nd'),
  lower: () => property('Lowercase'),
  upper: () => property('Uppercase'),
  space: SPACE,
  word: WORD,
  xdigit: HEX_DIGIT,
};

/** Properties by how Oniguruma writes them where JavaScript writes them otherwise. */
const PROPERTY_NAMES: ReadonlyMap<string, string> = new Map([
  ['letter', 'L'],
  ['mark', 'M'],
  ['number', 'N'],
  ['punctuation', 'P'],
  ['symbol', 'S'],
  ['separator', 'Z'],
  ['other', 'C'],
]);

const SCRIPT_NAME = /^[A-Z][a-z]+(_[A-Z][a-z]+)*$/;
const CATEGORY = /^(L[ultmo]?|M[nce]?|N[dlo]?|P[cdseifo]?|S[mcko]?|Z[slp]?|Cc|Cf|Co)$/;

/** Reads the escape after a backslash that stands for characters; undefined for one that does not. */
export function parseEscape(scanner: PatternScanner): ClassItem {
  const letter = scanner.take();
  const control = CONTROLS[letter];
  if (control !== undefined) return { codePoint: control };
  const shorthand = SHORTHANDS[letter];
  if (shorthand !== undefined) return { set: shorthand() };
  const negated = SHORTHANDS[letter.toLowerCase()];
  if (negated !== undefined) return { set: `[^${negated()}]` };
  if (letter === 'p' || letter === 'P') return { set: parseProperty(scanner, letter === 'P') };
  if (letter === 'x' || letter === 'u') return { codePoint: parseCodePoint(scanner, letter) };
  if (letter === '0' && !scanner.matches(/[0-9]/y)) return { codePoint: 0 };
  if (letter === '' || /[A-Za-z0-9]/.test(letter)) throw scanner.unsupported(`\\${letter}`);
  return { codePoint: letter.codePointAt(0) as number };
}

function parseProperty(scanner: PatternScanner, isNegated: boolean): string {
  const match = scanner.match(/\{(\^?)([A-Za-z_ ]+)\}/y);
  if (match === undefined) throw scanner.unsupported('a property without {name}');
  const [, caret, written = ''] = match;
  const name = PROPERTY_NAMES.get(written.toLowerCase()) ?? written;
  const set = CATEGORY.test(name) ? property(name) : scriptSet(name);
  if (set === undefined || scanner.ignoresCase) throw scanner.unsupported(`the property ${written} here`);
  return isNegated !== (caret === '^') ? `[^${set}]` : set;
}

/** A script's set, or undefined when JavaScript does not know the name. */
function scriptSet(name: string): string | undefined {
  if (!SCRIPT_NAME.test(name)) return undefined;
  try {
    new RegExp(`\\p{Script=${name}}`, 'u');
  } catch {
    return undefined;
  }
  return property(`Script=${name}`);
}

function parseCodePoint(scanner: PatternScanner, letter: string): number {
  const pattern = letter === 'x' ? /\{([0-9A-Fa-f]{1,6})\}|([0-9A-Fa-f]{2})/y : /([0-9A-Fa-f]{4})/y;
  const match = scanner.match(pattern);
  const codePoint = Number.parseInt(match?.[1] ?? match?.[2] ?? '', 16);
  // \x80 and above are bytes in Oniguruma.
  const isByte = letter === 'x' && match?.[2] !== undefined && codePoint > 0x7f;
  if (!(codePoint <= 0x10ffff) || isByte) throw scanner.unsupported(`\\${letter} as written here`);
  return codePoint;
}

/** The source of a class that matches one literal code point. */
export function literal(scanner: PatternScanner, codePoint: number): string {
  return scanner.ignoresCase ? `[${caseVariants(codePoint).map(escaped).join('')}]` : escaped(codePoint);
}

/** Reads a class after its `[`, up to and with its `]`. */
export function parseClass(scanner: PatternScanner): string {
  const isNegated = scanner.accept('^');
  const operands: string[] = [];
  let union = '';
  for (let isFirst = true; isFirst || !scanner.accept(']'); isFirst = false) {
    if (scanner.isAtEnd) throw scanner.unsupported('a class without an end');
    if (scanner.accept('&&')) {
      operands.push(union);
      union = '';
      continue;
    }
    union += parseClassItem(scanner);
  }
  operands.push(union);
  const inside = operands.length === 1 ? union : operands.map((operand) => `[${operand}]`).join('&&');
  return isNegated ? `[^${inside}]` : `[${inside}]`;
}

function parseClassItem(scanner: PatternScanner): string {
  const posix = scanner.match(/\[:(\^?)([a-z]+):\]/y);
  if (posix !== undefined) {
    const set = POSIX[posix[2] ?? ''];
    if (set === undefined || scanner.ignoresCase) throw scanner.unsupported(posix[0]);
    return posix[1] === '^' ? `[^${set()}]` : set();
  }
  if (scanner.accept('[')) return parseClass(scanner);
  const first = parseClassCharacter(scanner);
  if ('set' in first) return first.set;
  if (!scanner.matches(/-[^\]]/y)) return withCases(scanner, first.codePoint, first.codePoint);
  scanner.accept('-');
  const last = parseClassCharacter(scanner);
  if ('set' in last || last.codePoint < first.codePoint) throw scanner.unsupported('a range as written here');
  return withCases(scanner, first.codePoint, last.codePoint);
}

function parseClassCharacter(scanner: PatternScanner): ClassItem {
  if (!scanner.accept('\\')) return { codePoint: scanner.take().codePointAt(0) as number };
  return scanner.accept('b') ? { codePoint: 8 } : parseEscape(scanner);
}

const MAX_RANGE_WITH_CASES = 1024;

function withCases(scanner: PatternScanner, first: number, last: number): string {
  if (!scanner.ignoresCase) return `${escaped(first)}-${escaped(last)}`;
  if (last - first > MAX_RANGE_WITH_CASES)
    throw scanner.unsupported('so large a range without regard to case');
  let set = '';
  for (let codePoint = first; codePoint <= last; codePoint++) {
    set += caseVariants(codePoint).map(escaped).join('');
  }
  return set;
}
