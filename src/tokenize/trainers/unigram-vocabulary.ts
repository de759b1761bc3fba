import { ConfigError } from '../../core/index.js';
import type { ScoredPiece } from '../models/unigram.js';
import { byCodePoint } from './alphabet.js';
import { checkInteger } from './bpe-vocabulary.js';
import type { WordCounts } from './count-words.js';
import { repeatedSubstrings } from './repeated-substrings.js';
import { expectedCounts, maximise, ShrinkingVocabulary, UNK_ID } from './unigram-em.js';
import { prune } from './unigram-prune.js';
import { WordLattices } from './word-lattices.js';

/** What decides a unigram vocabulary; the names and defaults are those of Hugging Face's UnigramTrainer. */
export interface UnigramVocabularyOptions {
  /** Number of tokens to reach, special tokens included; a small corpus may give fewer. */
  readonly vocabSize: number;
  /** The share of pieces that each round keeps, more than 0 and less than 1; 0.75 by default. */
  readonly shrinkingFactor?: number;
  /** Steps of expectation maximisation in each round; 2 by default. */
  readonly subIterations?: number;
  /** Characters of a piece at most; 16 by default. */
  readonly maxPieceLength?: number;
  /** Pieces to begin with at most; 1,000,000 by default. */
  readonly seedSize?: number;
  /** Characters that are pieces whether the words have them or not; of a longer string, its first. */
  readonly initialAlphabet?: Iterable<string>;
  /** Called after each step with the number done and an estimate of all, at last with both equal. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Between the scores of characters that were no longer pieces, which have to be pieces. */
const CHARACTER_SCORE_STEP = 0.0001;

/**
 * Learns `size` pieces with their log probabilities, in nats, most probable first; every character of the words
 * is one. Throws ConfigError for options out of range, or when there are more characters than pieces.
 */
export function learnPieces(
  wordCounts: WordCounts,
  size: number,
  options: UnigramVocabularyOptions,
): ScoredPiece[] {
  checkOptions(options);
  const characters = requiredCharacters(wordCounts, options.initialAlphabet ?? []);
  if (characters.length > size) {
    throw new ConfigError(
      `vocabSize ${options.vocabSize}: expected at least ${options.vocabSize - size + characters.length} ` +
        'for the special tokens and every character; raise it',
    );
  }
  const vocabulary = new ShrinkingVocabulary(seedPieces(wordCounts, options));
  shrink(
    vocabulary,
    new WordLattices(wordCounts, vocabulary),
    Math.floor((options.vocabSize * 11) / 10),
    options,
  );
  return finalPieces(vocabulary, characters, size);
}

/** Every character, by frequency, and repeated substrings, by frequency times length, with that as weight. */
function seedPieces(
  wordCounts: WordCounts,
  { maxPieceLength = 16, seedSize = 1_000_000 }: UnigramVocabularyOptions,
): [piece: string, weight: number][] {
  const counts = new Map<string, number>();
  for (const [word, count] of wordCounts) {
    for (const character of word) {
      if (character !== '\0') counts.set(character, (counts.get(character) ?? 0) + count);
    }
  }
  const characters = [...counts].sort(([a, countA], [b, countB]) => countB - countA || byCodePoint(b, a));
  const limit = Math.max(1, seedSize - characters.length);
  const substrings = repeatedSubstrings(wordCounts.keys(), maxPieceLength, limit);
  // How often the words occur does not count here, as in the reference.
  const weighted = substrings.map(({ text, occurrences }): [string, number] => {
    return [text, occurrences * [...text].length];
  });
  return [...characters, ...weighted];
}

/** Rounds of expectation maximisation and pruning, until at most `size` pieces are left. */
function shrink(
  vocabulary: ShrinkingVocabulary,
  lattices: WordLattices,
  size: number,
  { shrinkingFactor = 0.75, subIterations = 2, onProgress }: UnigramVocabularyOptions,
): void {
  const rounds = Math.floor(Math.log(size / vocabulary.ids.length) / Math.log(shrinkingFactor)) + 1;
  let done = 0;
  for (;;) {
    for (let step = 0; step < subIterations; step++) {
      maximise(vocabulary, expectedCounts(vocabulary, lattices));
      done++;
      onProgress?.(done, Math.max(done, rounds * subIterations));
    }
    if (vocabulary.ids.length <= size) break;
    prune(vocabulary, lattices, Math.max(size, Math.floor(vocabulary.ids.length * shrinkingFactor)));
  }
  onProgress?.(done, done);
}

/** The characters, then the other pieces up to `size`, sorted by probability. */
function finalPieces(
  vocabulary: ShrinkingVocabulary,
  characters: readonly string[],
  size: number,
): ScoredPiece[] {
  const scores = new Map<string, number>();
  for (const id of vocabulary.ids) {
    if (id !== UNK_ID) scores.set(vocabulary.texts[id] as string, vocabulary.scores[id] as number);
  }
  const pieces = new Map<string, number>();
  let missing = 0;
  for (const character of characters) {
    const score = scores.get(character) ?? vocabulary.minScore() + CHARACTER_SCORE_STEP * missing++;
    pieces.set(character, score);
  }
  for (const [piece, score] of scores) {
    if (pieces.size >= size) break;
    pieces.set(piece, score);
  }
  return [...pieces].sort(([, a], [, b]) => b - a);
}

/** In order of code point; the reference has them in that of a randomly seeded hash set. */
function requiredCharacters(wordCounts: WordCounts, initialAlphabet: Iterable<string>): string[] {
  const characters = new Set<string>();
  for (const word of wordCounts.keys()) for (const character of word) characters.add(character);
  for (const [character] of initialAlphabet) if (character !== undefined) characters.add(character);
  return [...characters].sort(byCodePoint);
}

function checkOptions(options: UnigramVocabularyOptions): void {
  checkInteger('vocabSize', options.vocabSize, 1);
  checkInteger('subIterations', options.subIterations ?? 1, 1);
  checkInteger('maxPieceLength', options.maxPieceLength ?? 1, 1);
  checkInteger('seedSize', options.seedSize ?? 1, 1);
  const { shrinkingFactor = 0.75 } = options;
  if (!(shrinkingFactor > 0 && shrinkingFactor < 1)) {
    throw new ConfigError(`shrinkingFactor: expected a number between 0 and 1, got ${shrinkingFactor}`);
  }
}
