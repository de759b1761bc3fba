import { WordPieceDecoder } from '../decoders/wordpiece.js';
import { WordPieceModel } from '../models/wordpiece.js';
import { BertNormalizer, type BertNormalizerOptions } from '../normalizers/bert.js';
import { BertPreTokenizer } from '../pre-tokenizers/bert.js';
import type { Tokenizer } from '../tokenizer.js';
import { type BpeVocabularyOptions, learnBpeVocabulary } from './bpe-vocabulary.js';
import type { CountOptions } from './count-words.js';
import { assemble, BERT_SPECIAL_TOKENS, type TextParts, unknownToken } from './text-parts.js';
import { type Trainer, trainOnTexts } from './trainer.js';

/**
 * The defaults are those of Hugging Face's BertWordPieceTokenizer: `minFrequency` 2, `limitAlphabet` 1000 and
 * `continuingSubwordPrefix` "##". Without a `normalizer` there is BERT's, with these options.
 */
export interface WordPieceTrainerOptions
  extends BertNormalizerOptions,
    Omit<BpeVocabularyOptions, 'endOfWordSuffix'>,
    TextParts,
    CountOptions {}

/**
 * Trains BERT's tokenizer: ids are the special tokens, the alphabet, its continuations ("##e"), each in order
 * of code point, then the merged tokens in the order learned. The same words give the same vocabulary,
 * whatever the order of the texts. Throws DataError when `texts` hold no word, ConfigError when `vocabSize`
 * has no room for the alphabet or no special token is the unknown one.
 */
export function trainWordPiece(texts: Iterable<string>, options: WordPieceTrainerOptions): Tokenizer {
  return trainOnTexts(wordPieceTrainer, texts, options);
}

/** What {@link trainWordPiece} does, in two steps. */
export const wordPieceTrainer: Trainer<WordPieceTrainerOptions> = {
  cutters: (options) => ({
    normalizer: options.normalizer ?? new BertNormalizer(options),
    preTokenizer: options.preTokenizer ?? new BertPreTokenizer(),
  }),
  learn(wordCounts, cutters, options) {
    const { specialTokens = BERT_SPECIAL_TOKENS, continuingSubwordPrefix = '##' } = options;
    const { tokens } = learnBpeVocabulary(wordCounts, specialTokens, {
      ...options,
      minFrequency: options.minFrequency ?? 2,
      limitAlphabet: options.limitAlphabet ?? 1000,
      continuingSubwordPrefix,
    });
    const unkToken = unknownToken(specialTokens) ?? '[UNK]';
    const model = new WordPieceModel(tokens, { unkToken, continuingSubwordPrefix });
    const decoder = options.decoder ?? new WordPieceDecoder(continuingSubwordPrefix);
    return assemble(model, { ...options, ...cutters, specialTokens, decoder });
  },
};
