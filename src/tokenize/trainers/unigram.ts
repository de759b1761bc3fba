import { ConfigError } from '../../core/index.js';
import { MetaspaceDecoder } from '../decoders/metaspace.js';
import { type ScoredPiece, UnigramModel } from '../models/unigram.js';
import { NoNormalizer } from '../normalizers/none.js';
import { MetaspacePreTokenizer } from '../pre-tokenizers/metaspace.js';
import type { Tokenizer } from '../tokenizer.js';
import type { CountOptions } from './count-words.js';
import { assemble, BERT_SPECIAL_TOKENS, type TextParts, unknownToken } from './text-parts.js';
import { type Trainer, trainOnTexts } from './trainer.js';
import { learnPieces, type UnigramVocabularyOptions } from './unigram-vocabulary.js';

export interface UnigramTrainerOptions extends UnigramVocabularyOptions, TextParts, CountOptions {}

/**
 * Trains a unigram language model (Kudo 2018), by default over words marked by a metaspace. Ids are the special
 * tokens, then the pieces, most probable first. Special tokens without an unknown token get "<unk>" before them.
 * Throws DataError when `texts` hold no word, ConfigError when `vocabSize` has no room for every character.
 */
export function trainUnigram(texts: Iterable<string>, options: UnigramTrainerOptions): Tokenizer {
  return trainOnTexts(unigramTrainer, texts, options);
}

/** What {@link trainUnigram} does, in two steps. */
export const unigramTrainer: Trainer<UnigramTrainerOptions> = {
  cutters: ({ normalizer, preTokenizer }) => ({
    normalizer: normalizer ?? new NoNormalizer(),
    preTokenizer: preTokenizer ?? new MetaspacePreTokenizer(),
  }),
  learn(wordCounts, cutters, options) {
    const given = options.specialTokens ?? BERT_SPECIAL_TOKENS;
    const unkToken = unknownToken(given) ?? '<unk>';
    const specialTokens = given.includes(unkToken) ? given : [unkToken, ...given];
    const pieces = learnPieces(wordCounts, options.vocabSize - specialTokens.length, options);
    const isSpecial = new Set(specialTokens);
    const vocabulary: ScoredPiece[] = [
      ...specialTokens.map((token) => [token, 0] as const),
      ...pieces.filter(([piece]) => !isSpecial.has(piece)),
    ];
    if (isSpecial.size !== specialTokens.length) {
      throw new ConfigError(`specialTokens: expected distinct tokens, got ${JSON.stringify(specialTokens)}`);
    }
    const model = new UnigramModel(vocabulary, { unkId: specialTokens.indexOf(unkToken) });
    const decoder = options.decoder ?? new MetaspaceDecoder();
    return assemble(model, { ...options, ...cutters, specialTokens, decoder });
  },
};
