import { ConfigError } from '../../core/index.js';
import { MetaspaceDecoder } from '../decoders/metaspace.js';
import { BpeModel } from '../models/bpe.js';
import { NoNormalizer } from '../normalizers/none.js';
import { MetaspacePreTokenizer } from '../pre-tokenizers/metaspace.js';
import type { Tokenizer } from '../tokenizer.js';
import { countAlphabet } from './alphabet.js';
import { checkInteger } from './bpe-vocabulary.js';
import type { CountOptions } from './count-words.js';
import { assemble, BERT_SPECIAL_TOKENS, type TextParts, unknownToken } from './text-parts.js';
import { type Trainer, trainOnTexts } from './trainer.js';

export interface CharacterTrainerOptions extends TextParts, CountOptions {
  /** Special tokens and characters at most, the most frequent ones; no limit by default. */
  readonly vocabSize?: number;
  /** Characters seen less often than this are unknown; 0 by default. */
  readonly minFrequency?: number;
  /** Characters that are in the vocabulary whether the texts have them or not; of a longer string, its first. */
  readonly initialAlphabet?: Iterable<string>;
}

/**
 * Makes a tokenizer whose tokens are characters (code points), by default those of the text as it is, spaces
 * written as U+2581. In `tokenizer.json` it is a BPE model without merges, which every library reads. Throws
 * DataError when `texts` hold no word, ConfigError when `vocabSize` has no room for a character.
 */
export function trainCharacter(texts: Iterable<string>, options: CharacterTrainerOptions = {}): Tokenizer {
  return trainOnTexts(characterTrainer, texts, options);
}

/** What {@link trainCharacter} does, in two steps. */
export const characterTrainer: Trainer<CharacterTrainerOptions> = {
  cutters: ({ normalizer, preTokenizer }) => ({
    normalizer: normalizer ?? new NoNormalizer(),
    preTokenizer: preTokenizer ?? new MetaspacePreTokenizer({ prependScheme: 'never' }),
  }),
  learn(wordCounts, cutters, options) {
    const { specialTokens = BERT_SPECIAL_TOKENS, minFrequency = 0, initialAlphabet = [] } = options;
    checkInteger('minFrequency', minFrequency, 0);
    const limit = (options.vocabSize ?? Number.POSITIVE_INFINITY) - specialTokens.length;
    if (!(limit >= 1)) {
      throw new ConfigError(
        `vocabSize: expected more than the ${specialTokens.length} special tokens, got ${options.vocabSize}`,
      );
    }
    const initial = Array.from(initialAlphabet, (text) => [...text].slice(0, 1)).flat();
    const alphabet = countAlphabet(wordCounts, limit, initial, minFrequency);
    const tokens = [...new Set([...specialTokens, ...alphabet])];
    return assemble(new BpeModel(tokens, [], { unkToken: unknownToken(specialTokens) ?? null }), {
      ...options,
      ...cutters,
      specialTokens,
      decoder: options.decoder ?? new MetaspaceDecoder({ prependScheme: 'never' }),
    });
  },
};
