import type { Corpus } from '../data/index.js';
import { linesOf } from '../tokenize/index.js';

/** Bytes that were read, of all; `total` is 0 where it is not known, as of a pipe. */
export interface CorpusProgress {
  readonly done: number;
  readonly total: number;
}

/** The text of a corpus in stretches, as they are read. */
export async function* textsOfCorpus(
  corpus: Corpus,
  onProgress?: (progress: CorpusProgress) => void,
): AsyncGenerator<string, void> {
  const total = corpus.sizeBytes;
  let done = 0;
  for await (const { text, sizeBytes } of corpus.texts()) {
    yield text;
    done += sizeBytes;
    // What is expanded is more than what is stored.
    onProgress?.({ done: Math.min(done, total), total });
  }
}

/** The lines of a corpus, with their ends. */
export async function* linesOfCorpus(
  corpus: Corpus,
  onProgress?: (progress: CorpusProgress) => void,
): AsyncGenerator<string, void> {
  for await (const text of textsOfCorpus(corpus, onProgress)) yield* linesOf(text);
}
