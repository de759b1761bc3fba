/** The label that most examples have; the first of equals by the alphabet. */
export function majorityLabel(labels: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const [first] = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return first?.[0] ?? '';
}

/** A tagger that knows only how each word was tagged most often; words that it never saw get the tag of most words. */
export function mostFrequentTag(
  sentences: readonly { readonly words: readonly string[]; readonly tags: readonly string[] }[],
): (word: string) => string {
  const byWord = new Map<string, string[]>();
  for (const { words, tags } of sentences) {
    for (const [index, word] of words.entries()) {
      const seen = byWord.get(word) ?? [];
      seen.push(tags[index] as string);
      byWord.set(word, seen);
    }
  }
  const overall = majorityLabel(sentences.flatMap(({ tags }) => tags));
  const usual = new Map([...byWord].map(([word, tags]) => [word, majorityLabel(tags)]));
  return (word) => usual.get(word) ?? usual.get(word.toLowerCase()) ?? overall;
}
