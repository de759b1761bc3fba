import type { AlignedText } from '../aligned-text.js';

/** What becomes of the delimiters between words, as in Python `tokenizers`. */
export type SplitBehavior = 'removed' | 'isolated' | 'mergedWithPrevious' | 'mergedWithNext' | 'contiguous';

/** A stretch [start, end) of text that is a delimiter or is not. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
  readonly isDelimiter: boolean;
}

/** All of `text` as stretches; `delimiters` are [start, end) in order, without overlap. */
export function stretchesBetween(
  text: string,
  delimiters: readonly (readonly [number, number])[],
): Stretch[] {
  const stretches: Stretch[] = [];
  let done = 0;
  for (const [start, end] of delimiters) {
    if (done < start) stretches.push({ start: done, end: start, isDelimiter: false });
    stretches.push({ start, end, isDelimiter: true });
    done = end;
  }
  if (done < text.length) stretches.push({ start: done, end: text.length, isDelimiter: false });
  return stretches;
}

/** Stretches of text where every character for which `isDelimiter` holds is a delimiter of its own. */
export function stretchesByCharacter(text: string, isDelimiter: (character: string) => boolean): Stretch[] {
  const delimiters: [number, number][] = [];
  let at = 0;
  for (const character of text) {
    if (isDelimiter(character)) delimiters.push([at, at + character.length]);
    at += character.length;
  }
  return stretchesBetween(text, delimiters);
}

/** Cuts `text` into words; empty ones are left out. */
export function splitAt(
  text: AlignedText,
  stretches: readonly Stretch[],
  behavior: SplitBehavior,
): AlignedText[] {
  return wordStretches(stretches, behavior).map(({ start, end }) => text.slice(start, end));
}

/** The words, none of them empty. */
export function wordStretches(stretches: readonly Stretch[], behavior: SplitBehavior): Stretch[] {
  return words(stretches, behavior).filter(({ start, end }) => start < end);
}

function words(stretches: readonly Stretch[], behavior: SplitBehavior): readonly Stretch[] {
  switch (behavior) {
    case 'isolated':
      return stretches;
    case 'removed':
      return stretches.filter(({ isDelimiter }) => !isDelimiter);
    case 'contiguous':
      return joinWhere(stretches, (previous, next) => previous.isDelimiter === next.isDelimiter);
    case 'mergedWithPrevious':
      return joinWhere(stretches, (previous, next) => next.isDelimiter && !previous.isDelimiter);
    case 'mergedWithNext':
      return joinWhere(stretches, (previous, next) => previous.isDelimiter && !next.isDelimiter);
  }
}

/** Joins a stretch to the one before it; whether to join is asked of the two as they were. */
function joinWhere(
  stretches: readonly Stretch[],
  isJoined: (previous: Stretch, next: Stretch) => boolean,
): Stretch[] {
  const joined: Stretch[] = [];
  stretches.forEach((stretch, index) => {
    const previous = stretches[index - 1];
    const last = joined.at(-1);
    if (previous !== undefined && last !== undefined && isJoined(previous, stretch)) {
      joined[joined.length - 1] = { ...last, end: stretch.end };
    } else {
      joined.push(stretch);
    }
  });
  return joined;
}
