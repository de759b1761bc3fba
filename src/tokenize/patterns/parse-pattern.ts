import { WORD } from './character-sets.js';
import { literal, parseClass, parseEscape } from './parse-characters.js';
import { PatternScanner } from './scanner.js';
import type { PatternNode, RepeatNode } from './syntax.js';

const MAX_DEPTH = 64;
const MAX_LENGTH = 20_000;
const MAX_REPEATS = 1000;

const EMPTY: PatternNode = { type: 'sequence', items: [] };
/** Not `[^]`: under the v flag V8 stops repeating it after one character. */
const ANY = '[\\p{Any}]';

/**
 * Parses a regular expression in Oniguruma's Ruby syntax, which is that of Python `tokenizers`, as far as
 * tokenizers use it. Throws ConfigError that names what is not supported: back-references, `\G`, `\X`, `\K`,
 * subexpression calls, free spacing.
 */
export function parsePattern(pattern: string): PatternNode {
  const scanner = new PatternScanner(pattern);
  if (pattern.length > MAX_LENGTH) throw scanner.unsupported(`a length of ${pattern.length}`);
  const node = parseChoice(scanner, 0);
  if (!scanner.isAtEnd) throw scanner.unsupported('a ")" without "("');
  return node;
}

function parseChoice(scanner: PatternScanner, depth: number): PatternNode {
  if (depth > MAX_DEPTH) throw scanner.unsupported(`nesting of more than ${MAX_DEPTH} groups`);
  const options: PatternNode[] = [];
  do options.push(parseSequence(scanner, depth));
  while (scanner.accept('|'));
  return options.length === 1 ? (options[0] as PatternNode) : { type: 'choice', options };
}

function parseSequence(scanner: PatternScanner, depth: number): PatternNode {
  const items: PatternNode[] = [];
  while (!scanner.isAtEnd && !scanner.matches(/[|)]/y)) {
    items.push(parseQuantified(scanner, parseAtom(scanner, depth)));
  }
  return items.length === 1 ? (items[0] as PatternNode) : { type: 'sequence', items };
}

function parseAtom(scanner: PatternScanner, depth: number): PatternNode {
  if (scanner.accept('(')) return parseGroup(scanner, depth);
  if (scanner.accept('[')) return { type: 'character', source: parseClass(scanner) };
  if (scanner.accept('\\')) return parseBackslash(scanner);
  if (scanner.accept('.')) {
    return { type: 'character', source: scanner.dotMatchesNewline ? ANY : '[^\\n]' };
  }
  // Lines in Ruby's sense; none begins at the end of the text.
  if (scanner.accept('^')) return { type: 'assertion', source: `(?<![^\\n])(?:(?<!\\n)|(?=${ANY}))` };
  if (scanner.accept('$')) return { type: 'assertion', source: '(?![^\\n])' };
  if (scanner.matches(/[*+?]/y)) throw scanner.unsupported('a quantifier of nothing');
  return { type: 'character', source: literal(scanner, scanner.take().codePointAt(0) as number) };
}

function parseBackslash(scanner: PatternScanner): PatternNode {
  if (scanner.accept('b')) return { type: 'assertion', source: wordBoundary() };
  if (scanner.accept('B')) return { type: 'assertion', source: `(?!${wordBoundary()})` };
  if (scanner.accept('A')) return { type: 'assertion', source: `(?<!${ANY})` };
  if (scanner.accept('z')) return { type: 'assertion', source: `(?!${ANY})` };
  if (scanner.accept('Z')) return { type: 'assertion', source: `(?=\\n?(?!${ANY}))` };
  if (scanner.accept('R')) return parsePattern('(?>\\r\\n|[\\n-\\r\\u0085\\u2028\\u2029])');
  const item = parseEscape(scanner);
  if ('set' in item) return { type: 'character', source: `[${item.set}]` };
  return { type: 'character', source: literal(scanner, item.codePoint) };
}

function wordBoundary(): string {
  const word = `[${WORD()}]`;
  return `(?:(?<=${word})(?!${word})|(?<!${word})(?=${word}))`;
}

function parseGroup(scanner: PatternScanner, depth: number): PatternNode {
  const flags = scanner.match(/\?([im]*)(?:-([im]*))?([:)])/y);
  if (flags !== undefined) return parseFlagged(scanner, depth, flags);
  const before = { ignoresCase: scanner.ignoresCase, dotMatchesNewline: scanner.dotMatchesNewline };
  const kind = scanner.match(/\?(?:<?[=!]|>|<[A-Za-z_]\w*>)/y)?.[0] ?? '';
  if (kind === '' && scanner.accept('?')) throw scanner.unsupported('this kind of group');
  const body = parseChoice(scanner, depth + 1);
  if (!scanner.accept(')')) throw scanner.unsupported('a "(" without ")"');
  Object.assign(scanner, before);
  if (kind === '?>') return { type: 'atomic', body };
  if (kind === '?=') return { type: 'look', opening: '(?=', body };
  if (kind === '?!') return { type: 'look', opening: '(?!', body };
  if (kind === '?<=') return { type: 'look', opening: '(?<=', body };
  if (kind === '?<!') return { type: 'look', opening: '(?<!', body };
  return body;
}

/** `(?i:...)`, and `(?i)` which holds for the rest of the group that it stands in. */
function parseFlagged(scanner: PatternScanner, depth: number, flags: RegExpExecArray): PatternNode {
  const [, on = '', off = '', end] = flags;
  const before = { ignoresCase: scanner.ignoresCase, dotMatchesNewline: scanner.dotMatchesNewline };
  scanner.ignoresCase = (before.ignoresCase || on.includes('i')) && !off.includes('i');
  scanner.dotMatchesNewline = (before.dotMatchesNewline || on.includes('m')) && !off.includes('m');
  const body = parseChoice(scanner, depth + 1);
  if (end === ':' && !scanner.accept(')')) throw scanner.unsupported('a "(" without ")"');
  Object.assign(scanner, before);
  return body;
}

function parseQuantified(scanner: PatternScanner, atom: PatternNode): PatternNode {
  const range = readRange(scanner);
  if (range === undefined) return atom;
  if (atom.type === 'look' || atom.type === 'assertion') {
    throw scanner.unsupported('a repeated assertion');
  }
  if (range.max < range.min || (Number.isFinite(range.max) && range.max > MAX_REPEATS)) {
    throw scanner.unsupported(`a repetition from ${range.min} to ${range.max}`);
  }
  const mode = scanner.accept('?') ? 'lazy' : scanner.accept('+') ? 'possessive' : 'greedy';
  // After an interval both mean something else in Ruby's syntax.
  const isInterval =
    range.isInterval && (mode === 'possessive' || (mode === 'lazy' && range.min === range.max));
  if (isInterval || scanner.matches(/[*+?]|\{,?\d/y))
    throw scanner.unsupported('a quantifier of a quantifier');
  if (range.max === 0) return EMPTY;
  const node: RepeatNode = { type: 'repeat', body: atom, min: range.min, max: range.max, mode };
  return node;
}

function readRange(scanner: PatternScanner): { min: number; max: number; isInterval: boolean } | undefined {
  if (scanner.accept('*')) return { min: 0, max: Number.POSITIVE_INFINITY, isInterval: false };
  if (scanner.accept('+')) return { min: 1, max: Number.POSITIVE_INFINITY, isInterval: false };
  if (scanner.accept('?')) return { min: 0, max: 1, isInterval: false };
  const interval = scanner.match(/\{(\d{1,6})(,?)(\d{0,6})\}|\{,(\d{1,6})\}/y);
  if (interval === undefined) return undefined;
  const [, min, comma, max, alone] = interval;
  if (alone !== undefined) return { min: 0, max: Number(alone), isInterval: true };
  const upper = max !== '' ? Number(max) : comma === '' ? Number(min) : Number.POSITIVE_INFINITY;
  return { min: Number(min), max: upper, isInterval: true };
}
