import { type AlignedText, AlignedTextBuilder } from '../aligned-text.js';
import { isInRanges, valueInRanges } from '../code-point-ranges.js';
import { COMBINING_CLASSES, UNKNOWN_TO_NFD, UNKNOWN_TO_NFKD } from './normalization-tables.js';

export type UnicodeForm = 'NFC' | 'NFD' | 'NFKC' | 'NFKD';

/** A character of the result; `change` is as for {@link AlignedTextBuilder.put}. */
interface Change {
  readonly character: string;
  readonly change: number;
  readonly combiningClass: number;
}

const ASCII = /^[\0-\x7f]*$/;

/**
 * A Unicode normalisation form (Unicode Standard Annex 15), aligned as in Python `tokenizers`: a character that
 * is moved past another takes over its place in the source.
 */
export function toUnicodeForm(text: AlignedText, form: UnicodeForm): AlignedText {
  if (ASCII.test(text.text)) return text;
  const isCompatible = form === 'NFKC' || form === 'NFKD';
  const decomposed = decompose(text.text, isCompatible);
  const changes = form === 'NFC' || form === 'NFKC' ? compose(decomposed) : decomposed;
  const builder = new AlignedTextBuilder(text);
  for (const { character, change } of changes) builder.put(character, change);
  return builder.build();
}

function decompose(text: string, isCompatible: boolean): Change[] {
  const form = isCompatible ? 'NFKD' : 'NFD';
  const unknown = isCompatible ? UNKNOWN_TO_NFKD : UNKNOWN_TO_NFD;
  const result: Change[] = [];
  let run: Change[] = [];
  for (const character of text) {
    const isUnknown = isInRanges(character.codePointAt(0) as number, unknown);
    let change = 0;
    for (const part of isUnknown ? character : character.normalize(form)) {
      const combiningClass = combiningClassOf(part);
      if (combiningClass === 0) {
        for (const mark of inOrder(run)) result.push(mark);
        run = [];
      }
      (combiningClass === 0 ? result : run).push({ character: part, change, combiningClass });
      change = 1;
    }
  }
  for (const mark of inOrder(run)) result.push(mark);
  return result;
}

/** Marks by their class; the sort is stable. */
function inOrder(marks: Change[]): Change[] {
  return marks.length > 1 ? marks.sort((a, b) => a.combiningClass - b.combiningClass) : marks;
}

/** Canonical composition of what is decomposed and in order. */
function compose(decomposed: readonly Change[]): Change[] {
  const result: Change[] = [];
  let starter = -1;
  let lastClass = 0;
  for (const next of decomposed) {
    const before = result[starter];
    const isBlocked = result.length - 1 > starter && lastClass >= next.combiningClass;
    const composed =
      before === undefined || isBlocked ? undefined : composedPair(before.character, next.character);
    if (before !== undefined && composed !== undefined) {
      result[starter] = { ...before, character: composed, change: before.change + next.change - 1 };
      continue;
    }
    result.push(next);
    lastClass = next.combiningClass;
    if (lastClass === 0) starter = result.length - 1;
  }
  return result;
}

/** The primary composite of two characters, if there is one that the reference knows. */
function composedPair(first: string, second: string): string | undefined {
  const pair = first + second;
  const composed = pair.normalize('NFC');
  const codePoint = composed.codePointAt(0) as number;
  if (composed.length !== (codePoint > 0xffff ? 2 : 1) || isInRanges(codePoint, UNKNOWN_TO_NFD)) {
    return undefined;
  }
  // A mark of a lower class than one inside `first` would be moved to compose: that is another pair.
  return composed.normalize('NFD') === first.normalize('NFD') + second.normalize('NFD')
    ? composed
    : undefined;
}

/** Canonical combining class; 0 for all but marks. */
function combiningClassOf(character: string): number {
  return valueInRanges(character.codePointAt(0) as number, COMBINING_CLASSES) ?? 0;
}
