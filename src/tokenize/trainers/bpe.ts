import { byteAlphabet } from '../byte-characters.js';
import { BpeDecoder } from '../decoders/bpe.js';
import { ByteLevelDecoder } from '../decoders/byte-level.js';
import { NoDecoder } from '../decoders/none.js';
import { BpeModel } from '../models/bpe.js';
import { NoNormalizer } from '../normalizers/none.js';
import { BertPreTokenizer } from '../pre-tokenizers/bert.js';
import { ByteLevelPreTokenizer } from '../pre-tokenizers/byte-level.js';
import type { Tokenizer } from '../tokenizer.js';
import { type BpeVocabulary, type BpeVocabularyOptions, learnBpeVocabulary } from './bpe-vocabulary.js';
import type { CountOptions } from './count-words.js';
import { assemble, BERT_SPECIAL_TOKENS, type TextParts, unknownToken } from './text-parts.js';
import { type Trainer, trainOnTexts } from './trainer.js';

export interface BpeTrainerOptions extends BpeVocabularyOptions, TextParts, CountOptions {}

/**
 * Trains byte pair encoding over characters (Sennrich et al. 2016); by default words are cut as BERT does, and
 * the text is left as it is. Ids are the special tokens, the alphabet in order of code point, then the merged
 * tokens in the order learned. Throws DataError when `texts` hold no word, ConfigError when `vocabSize` has no
 * room for the alphabet.
 */
export function trainBpe(texts: Iterable<string>, options: BpeTrainerOptions): Tokenizer {
  return trainOnTexts(bpeTrainer, texts, options);
}

/** What {@link trainBpe} does, in two steps. */
export const bpeTrainer: Trainer<BpeTrainerOptions> = {
  cutters: ({ normalizer, preTokenizer }) => ({
    normalizer: normalizer ?? new NoNormalizer(),
    preTokenizer: preTokenizer ?? new BertPreTokenizer(),
  }),
  learn(wordCounts, cutters, options) {
    const { specialTokens = BERT_SPECIAL_TOKENS, endOfWordSuffix } = options;
    const model = bpeModel(learnBpeVocabulary(wordCounts, specialTokens, options), specialTokens, options);
    const decoder =
      options.decoder ?? (endOfWordSuffix === undefined ? new NoDecoder() : new BpeDecoder(endOfWordSuffix));
    return assemble(model, { ...options, ...cutters, specialTokens, decoder });
  },
};

/** No prefix or suffix: bytes are the same anywhere in a word. */
export type ByteBpeTrainerOptions = Omit<BpeTrainerOptions, 'continuingSubwordPrefix' | 'endOfWordSuffix'>;

/**
 * Trains byte pair encoding over bytes (Radford et al. 2019): every string has tokens, and decoding gives it
 * back. By default words are cut by GPT-2's pattern, no space is put before the text, and the alphabet has all 256
 * bytes; otherwise as {@link trainBpe}.
 */
export function trainByteBpe(texts: Iterable<string>, options: ByteBpeTrainerOptions): Tokenizer {
  return trainOnTexts(byteBpeTrainer, texts, options);
}

/** What {@link trainByteBpe} does, in two steps. */
export const byteBpeTrainer: Trainer<ByteBpeTrainerOptions> = {
  cutters: ({ normalizer, preTokenizer }) => ({
    normalizer: normalizer ?? new NoNormalizer(),
    preTokenizer: preTokenizer ?? new ByteLevelPreTokenizer({ addPrefixSpace: false }),
  }),
  learn(wordCounts, cutters, options) {
    const { specialTokens = BERT_SPECIAL_TOKENS, initialAlphabet = byteAlphabet() } = options;
    const vocabulary = learnBpeVocabulary(wordCounts, specialTokens, { ...options, initialAlphabet });
    const decoder = options.decoder ?? new ByteLevelDecoder();
    return assemble(bpeModel(vocabulary, specialTokens, {}), {
      ...options,
      ...cutters,
      specialTokens,
      decoder,
    });
  },
};

function bpeModel(
  { tokens, merges }: BpeVocabulary,
  specialTokens: readonly string[],
  {
    continuingSubwordPrefix,
    endOfWordSuffix,
  }: Pick<BpeTrainerOptions, 'continuingSubwordPrefix' | 'endOfWordSuffix'>,
): BpeModel {
  const named = merges.map(([left, right]) => [tokens[left] as string, tokens[right] as string] as const);
  return new BpeModel(tokens, named, {
    unkToken: unknownToken(specialTokens) ?? null,
    continuingSubwordPrefix: continuingSubwordPrefix ?? null,
    endOfWordSuffix: endOfWordSuffix ?? null,
  });
}
