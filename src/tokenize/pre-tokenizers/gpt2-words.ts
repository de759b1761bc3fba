import { LETTERS, NUMBERS, SPACES } from './byte-level-tables.js';

const LETTER = 1;
const NUMBER = 2;
const WHITESPACE = 3;

const SPACE = 0x20;
const APOSTROPHE = 0x27;
const CONTRACTION = /'(?:[stmd]|re|ve|ll)/y;

let classes: Uint8Array | undefined;

/** The class of every code point, 0 for none of these; filled when it is first needed. */
function characterClasses(): Uint8Array {
  if (classes === undefined) {
    classes = new Uint8Array(0x110000);
    for (const [ranges, id] of [
      [LETTERS, LETTER],
      [NUMBERS, NUMBER],
      [SPACES, WHITESPACE],
    ] as const) {
      for (let at = 0; at < ranges.length; at += 2) {
        classes.fill(id, ranges[at], (ranges[at + 1] as number) + 1);
      }
    }
  }
  return classes;
}

/**
 * Calls `visit` with the [start, end) of each word of GPT-2's pattern (Radford et al. 2019, encoder.py), which
 * cover the text: 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
 */
export function forEachGpt2Word(text: string, visit: (start: number, end: number) => void): void {
  const classOf = characterClasses();
  for (let start = 0; start < text.length; ) {
    const end = wordEnd(text, start, classOf);
    visit(start, end);
    start = end;
  }
}

function wordEnd(text: string, start: number, classOf: Uint8Array): number {
  const first = text.charCodeAt(start);
  if (first === APOSTROPHE) {
    CONTRACTION.lastIndex = start;
    if (CONTRACTION.test(text)) return CONTRACTION.lastIndex;
  }
  const body = first === SPACE ? start + 1 : start;
  const bodyClass = body < text.length ? (classOf[text.codePointAt(body) as number] as number) : WHITESPACE;
  if (bodyClass !== WHITESPACE) return runEnd(text, body, bodyClass, classOf);
  const end = runEnd(text, start, WHITESPACE, classOf);
  // A run of whitespace before a word leaves it its last character, which may be the space that begins a word.
  return end < text.length && end > start + 1 ? end - 1 : end;
}

/** The end of the characters of one class from `start` on. */
function runEnd(text: string, start: number, wanted: number, classOf: Uint8Array): number {
  let at = start;
  while (at < text.length) {
    const codePoint = text.codePointAt(at) as number;
    if (classOf[codePoint] !== wanted) break;
    at += codePoint > 0xffff ? 2 : 1;
  }
  return at;
}
