import { ConfigError, DataError } from '../../core/index.js';
import { AddedTokens } from '../added-tokens.js';
import { WordPieceDecoder } from '../decoders/wordpiece.js';
import { WordPieceModel } from '../models/wordpiece.js';
import { BertNormalizer, type BertNormalizerOptions } from '../normalizers/bert.js';
import { PipelineTokenizer } from '../pipeline.js';
import { TemplatePostProcessor } from '../post-processors/template.js';
import { BertPreTokenizer } from '../pre-tokenizers/bert.js';
import type { Tokenizer } from '../tokenizer.js';
import { WordSplitter } from '../word-splitter.js';
import { countAlphabet } from './alphabet.js';
import { countWords } from './count-words.js';
import { type CountedWords, learnMerges } from './merges.js';

/** The defaults are those of Hugging Face's BertWordPieceTokenizer. */
export interface WordPieceTrainerOptions extends BertNormalizerOptions {
  /** Number of tokens to reach, special tokens and alphabet included; a small corpus may give fewer. */
  readonly vocabSize: number;
  /** Pairs seen less often than this are not merged; 2 by default. */
  readonly minFrequency?: number;
  /** Characters kept, most frequent first; words are learned without the others; 1000 by default. */
  readonly limitAlphabet?: number;
  /** Called now and then with the number of tokens so far and the number wanted, at last with both equal. */
  readonly onProgress?: (done: number, total: number) => void;
}

const PREFIX = '##';
const SPECIAL_TOKENS = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'] as const;
type SpecialToken = (typeof SPECIAL_TOKENS)[number];

/**
 * Trains BERT's tokenizer: ids are the special tokens, the alphabet, its continuations ("##e"), each in order
 * of code point, then the merged tokens in the order learned. The same words give the same vocabulary,
 * whatever the order of the texts. Throws DataError when `texts` hold no word, ConfigError when `vocabSize`
 * has no room for the alphabet.
 */
export function trainWordPiece(texts: Iterable<string>, options: WordPieceTrainerOptions): Tokenizer {
  checkOptions(options);
  const normalizer = new BertNormalizer(options);
  const preTokenizer = new BertPreTokenizer();
  const wordCounts = countWords(texts, new WordSplitter(normalizer, preTokenizer));
  if (wordCounts.size === 0) {
    throw new DataError('tokenizer training: expected text with at least one word, got none');
  }
  const tokens = learnVocabulary(wordCounts, options);
  const special = (token: SpecialToken) => ({ token, id: SPECIAL_TOKENS.indexOf(token) });
  return new PipelineTokenizer({
    addedTokens: new AddedTokens(
      SPECIAL_TOKENS.map((content, id) => ({ id, content, isSpecial: true })),
      normalizer,
    ),
    normalizer,
    preTokenizer,
    model: new WordPieceModel(tokens, { continuingSubwordPrefix: PREFIX }),
    postProcessor: TemplatePostProcessor.bert(special('[CLS]'), special('[SEP]')),
    decoder: new WordPieceDecoder(PREFIX),
  });
}

function learnVocabulary(
  wordCounts: ReadonlyMap<string, number>,
  options: WordPieceTrainerOptions,
): string[] {
  const alphabet = countAlphabet(wordCounts, options.limitAlphabet ?? 1000);
  const continuing = new Set([...wordCounts.keys()].flatMap((word) => [...word].slice(1)));
  const continuations = alphabet.filter((character) => continuing.has(character));
  const tokens = [...SPECIAL_TOKENS, ...alphabet, ...continuations.map((character) => PREFIX + character)];
  if (tokens.length > options.vocabSize) {
    throw new ConfigError(
      `vocabSize ${options.vocabSize}: expected at least ${tokens.length} for the special tokens and the alphabet; ` +
        'raise it, or lower limitAlphabet',
    );
  }
  learnMerges(tokens, symbolize(wordCounts, tokens), {
    vocabSize: options.vocabSize,
    minFrequency: options.minFrequency ?? 2,
    continuingSubwordPrefix: PREFIX,
    onProgress: options.onProgress,
  });
  return tokens;
}

/** Words as ids of single characters; characters outside the alphabet are left out, as in the reference. */
function symbolize(wordCounts: ReadonlyMap<string, number>, tokens: readonly string[]): CountedWords {
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const words = [...wordCounts.keys()].map((word) =>
    [...word].flatMap((character, index) => ids.get(index === 0 ? character : PREFIX + character) ?? []),
  );
  return { words, counts: [...wordCounts.values()] };
}

function checkOptions({ vocabSize, minFrequency = 0, limitAlphabet = 1 }: WordPieceTrainerOptions): void {
  const check = (name: string, value: number, least: number): void => {
    if (Number.isInteger(value) && value >= least) return;
    throw new ConfigError(`${name}: expected an integer of at least ${least}, got ${value}`);
  };
  check('vocabSize', vocabSize, 1);
  check('minFrequency', minFrequency, 0);
  check('limitAlphabet', limitAlphabet, 1);
}
