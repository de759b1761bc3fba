/**
 * The `limit` most frequent characters of the words (of equally frequent ones, the lower code points), in
 * order of code point.
 */
export function countAlphabet(wordCounts: ReadonlyMap<string, number>, limit: number): string[] {
  const characterCounts = new Map<string, number>();
  for (const [word, count] of wordCounts) {
    for (const character of word) {
      characterCounts.set(character, (characterCounts.get(character) ?? 0) + count);
    }
  }
  const byFrequency = [...characterCounts].sort(
    ([a, countA], [b, countB]) => countB - countA || byCodePoint(a, b),
  );
  return byFrequency
    .slice(0, limit)
    .map(([character]) => character)
    .sort(byCodePoint);
}

/** Not the default order of strings, which puts astral characters before U+E000. */
function byCodePoint(a: string, b: string): number {
  return (a.codePointAt(0) as number) - (b.codePointAt(0) as number);
}
