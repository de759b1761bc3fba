import { detached, type WordSplitter } from '../word-splitter.js';

/** How often each word occurs in `texts`; every distinct chunk of raw text is normalised once. */
export function countWords(texts: Iterable<string>, splitter: WordSplitter): Map<string, number> {
  const chunkCounts = new Map<string, { count: number }>();
  for (const text of texts) {
    splitter.forEachChunk(text, (chunk) => {
      const seen = chunkCounts.get(chunk);
      if (seen === undefined) chunkCounts.set(detached(chunk), { count: 1 });
      else seen.count++;
    });
  }
  const wordCounts = new Map<string, number>();
  for (const [chunk, { count }] of chunkCounts) {
    for (const word of splitter.words(chunk)) wordCounts.set(word, (wordCounts.get(word) ?? 0) + count);
  }
  return wordCounts;
}
