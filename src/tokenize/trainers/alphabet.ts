/**
 * The `limit` most frequent characters of the words (of equally frequent ones, the lower code points), in
 * order of code point; none that occurs less than `minFrequency` times. Those of `initial` count as the most
 * frequent of all, in the words or not.
 */
export function countAlphabet(
  wordCounts: ReadonlyMap<string, number>,
  limit: number,
  initial: Iterable<string> = [],
  minFrequency = 0,
): string[] {
  const characterCounts = new Map<string, number>();
  for (const [word, count] of wordCounts) {
    for (const character of word) {
      characterCounts.set(character, (characterCounts.get(character) ?? 0) + count);
    }
  }
  for (const character of initial) characterCounts.set(character, Number.POSITIVE_INFINITY);
  // Infinity minus itself is no number, so counts are compared, not subtracted.
  const frequent = [...characterCounts].filter(([, count]) => count >= minFrequency);
  const byFrequency = frequent.sort(([a, countA], [b, countB]) =>
    countA === countB ? byCodePoint(a, b) : countA > countB ? -1 : 1,
  );
  return byFrequency
    .slice(0, limit)
    .map(([character]) => character)
    .sort(byCodePoint);
}

/** Not the default order of strings, which puts astral characters before U+E000. */
export function byCodePoint(a: string, b: string): number {
  return (a.codePointAt(0) as number) - (b.codePointAt(0) as number);
}
