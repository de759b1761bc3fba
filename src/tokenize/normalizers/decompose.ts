import { type AlignedText, AlignedTextBuilder } from '../aligned-text.js';
import { isInRanges } from '../code-point-ranges.js';
import { LEFT_ALONE } from '../unicode-tables.js';

interface Decomposed {
  readonly character: string;
  /** True for all but the first of the characters that one source character became. */
  readonly isExtra: boolean;
}

/**
 * Canonical decomposition (NFD), aligned as in Python `tokenizers`: a character that is moved past another
 * takes over its place in the source.
 */
export function decompose(text: AlignedText): AlignedText {
  const source = [...text.text];
  const builder = new AlignedTextBuilder();
  let nextSource = 0;
  let consumed = 0;
  let range: [number, number] = [0, 0];
  for (const { character, isExtra } of decomposeCharacters(source)) {
    if (!isExtra) {
      const length = (source[nextSource++] as string).length;
      range = text.originalRange(consumed, consumed + length);
      consumed += length;
    }
    builder.append(character, ...range);
  }
  return builder.build();
}

function decomposeCharacters(source: readonly string[]): Decomposed[] {
  const result: Decomposed[] = [];
  let run: Decomposed[] = [];
  for (const character of source) {
    if (isInRanges(character.codePointAt(0) as number, LEFT_ALONE)) {
      appendAll(result, inCanonicalOrder(run));
      result.push({ character, isExtra: false });
      run = [];
      continue;
    }
    let isExtra = false;
    for (const part of character.normalize('NFD')) {
      run.push({ character: part, isExtra });
      isExtra = true;
    }
  }
  appendAll(result, inCanonicalOrder(run));
  return result;
}

/** Unicode's canonical ordering of a run that is decomposed already. */
function inCanonicalOrder(run: Decomposed[]): Decomposed[] {
  const unordered = run.map(({ character }) => character).join('');
  const ordered = unordered.normalize('NFD');
  if (ordered === unordered) return run;
  const pending = [...run];
  let position = 0;
  for (const character of ordered) {
    // The ordering is stable, so of equal characters the first that is left is the right one.
    let found = position;
    while (pending[found]?.character !== character) found++;
    if (found > position) pending.splice(position, 0, ...pending.splice(found, 1));
    position++;
  }
  return pending;
}

/** `push(...items)` overflows the stack on long texts. */
function appendAll<T>(target: T[], items: readonly T[]): void {
  for (const item of items) target.push(item);
}
