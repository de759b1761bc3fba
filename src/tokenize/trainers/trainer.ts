import type { Normalizer, PreTokenizer } from '../component.js';
import type { Tokenizer } from '../tokenizer.js';
import { WordSplitter } from '../word-splitter.js';
import { type CountOptions, countWords, type WordCounts } from './count-words.js';

/** What makes words of texts. */
export interface WordCutters {
  readonly normalizer: Normalizer;
  readonly preTokenizer: PreTokenizer;
}

/** How a kind of tokenizer is trained: words are counted, in one thread or several, and a vocabulary is learned of them. */
export interface Trainer<Options> {
  /** Those of the options, or this kind's own. */
  cutters(options: Options): WordCutters;
  /** Throws ConfigError for options that cannot work. */
  learn(wordCounts: WordCounts, cutters: WordCutters, options: Options): Tokenizer;
}

/** Trains in this thread. Throws DataError when `texts` hold no word. */
export function trainOnTexts<Options extends CountOptions>(
  trainer: Trainer<Options>,
  texts: Iterable<string>,
  options: Options,
): Tokenizer {
  const cutters = trainer.cutters(options);
  const splitter = new WordSplitter(cutters.normalizer, cutters.preTokenizer);
  return trainer.learn(countWords(texts, splitter, options), cutters, options);
}
