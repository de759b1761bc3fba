import type { Tokenizer } from '../tokenize/index.js';

/** The words of a vocabulary that are the fewest edits away from `word`; of equals those with a smaller id. */
export function nearestWords(tokenizer: Tokenizer, word: string, count: number): string[] {
  const special = new Set(tokenizer.specialIds);
  const wanted = word.trim().toLowerCase();
  const words = new Map<string, number>();
  for (let id = 0; id < tokenizer.vocabSize; id++) {
    const token = tokenizer.idToToken(id) ?? '';
    if (special.has(id) || token.startsWith('##') || !/\p{L}/u.test(token)) continue;
    const text = token.replace(/^[Ġ▁]/, '');
    if (text !== '' && !words.has(text)) words.set(text, editDistance(wanted, text.toLowerCase()));
  }
  return [...words]
    .sort(([, a], [, b]) => a - b)
    .slice(0, count)
    .map(([text]) => text);
}

/** Insertions, deletions and substitutions from `a` to `b` (Levenshtein 1966). */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = (row[j - 1] as number) + Number(a[i - 1] !== b[j - 1]);
      next.push(Math.min(substituted, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
