import { ConfigError, DataError, RandomPurpose, RandomStream, ratioInterval } from '../core/index.js';
import type { Tokenizer } from '../tokenize/index.js';
import type { Predictor } from './predictor.js';
import { answerScorings, type Scoring, scoringOf } from './score-rows.js';
import type { TokenisedText } from './windows.js';

/** How well whole words are predicted: figures that models with different vocabularies can be compared by. */
export interface WholeWordScores {
  /** Mean negative log probability of a word, given how many tokens it has. */
  readonly lossNats: number;
  /** Bits spent on words over their UTF-8 bytes, given how many tokens each has. */
  readonly bitsPerByte: number;
  /** Half the width of the 95 % interval of `bitsPerByte` over stretches of text; absent when there is one stretch. */
  readonly bitsPerByteHalfWidth?: number;
  /** What saying how many tokens each word has costs: the entropy of these numbers, in bits per byte. */
  readonly lengthBitsPerByte: number;
  readonly words: number;
  readonly tokensPerWord: number;
  /** Words that are in no figure because the vocabulary cannot write them. */
  readonly unknownWords: number;
}

export interface WholeWordOptions {
  readonly seed: number;
  /** Share of the words to score, in (0, 1]. Which ones depends on the seed and their places among the words alone. */
  readonly share: number;
}

/** A word of a text: its tokens [start, end). */
interface Word {
  readonly start: number;
  readonly end: number;
}

/** Sums over a stretch of text. */
interface Stretch {
  nats: number;
  bytes: number;
  words: number;
}

/** Words of a stretch, the unit of the interval: long enough that neighbouring stretches say little about each other. */
const STRETCH_WORDS = 200;
const TEXTS_AT_ONCE = 128;

/**
 * Scores whole words, each with all of its tokens hidden and nothing else: ln p(word | the rest) is the sum over its tokens,
 * from left to right, later ones hidden (the chain rule; Kauf & Ivanova 2023). Words are the tokenizer's own, so a
 * vocabulary that was extended is asked about the same words as the one before. The number of masks says how many tokens the
 * word has, which `lengthBitsPerByte` charges. Throws a ConfigError for
 * a share outside (0, 1], and a DataError when no word can be scored.
 */
export async function scoreWholeWords(
  predictor: Predictor,
  tokenizer: Tokenizer,
  texts: Iterable<string>,
  { seed, share }: WholeWordOptions,
): Promise<WholeWordScores> {
  if (!(share > 0 && share <= 1)) {
    throw new ConfigError(`the share of words to score must be above 0 and at most 1, got ${share}`);
  }
  const tally = new Tally();
  let waiting: { readonly scoring: Scoring; readonly words: readonly Word[] }[] = [];
  const settle = async () => {
    const scorings = waiting.map(({ scoring }) => scoring);
    await answerScorings(predictor, tokenizer, scorings, { method: 'within-word-l2r', over: 'valid' });
    for (const { scoring, words } of waiting) tally.add(scoring, words);
    waiting = [];
  };
  let index = 0;
  for (const text of texts) {
    const scoring = scoringOf(tokenizer, text, predictor.maxTokens);
    const random = new RandomStream(seed, RandomPurpose.evaluation, index++);
    const words = wordsOf(scoring.tokenised).filter(() => random.nextFloat() < share);
    waiting.push({ scoring: { ...scoring, chosen: tokensOfWords(words) }, words });
    if (waiting.length === TEXTS_AT_ONCE) await settle();
  }
  await settle();
  return tally.scores();
}

/** Neighbouring tokens with the same word number; a token without one is a word of its own, as it is for the masks. */
function wordsOf({ wordIds }: TokenisedText): Word[] {
  const words: Word[] = [];
  for (let start = 0; start < wordIds.length; ) {
    let end = start + 1;
    while (end < wordIds.length && wordIds[start] !== null && wordIds[end] === wordIds[start]) end++;
    words.push({ start, end });
    start = end;
  }
  return words;
}

function tokensOfWords(words: readonly Word[]): Set<number> {
  const tokens = new Set<number>();
  for (const { start, end } of words) for (let token = start; token < end; token++) tokens.add(token);
  return tokens;
}

/** Sums up the words of texts. */
class Tally {
  private readonly stretches: Stretch[] = [];
  /** How many words have so many tokens. */
  private readonly lengths = new Map<number, number>();
  private unknownWords = 0;
  private readonly encoder = new TextEncoder();

  /** A stretch ends with its text. */
  add({ tokenised, surprisals }: Scoring, words: readonly Word[]): void {
    let stretch: Stretch | undefined;
    for (const { start, end } of words) {
      const nats = surprisals.subarray(start, end).reduce((sum, value) => sum + value, 0);
      if (Number.isNaN(nats)) {
        this.unknownWords++;
        continue;
      }
      if (!stretch || stretch.words === STRETCH_WORDS) {
        stretch = { nats: 0, bytes: 0, words: 0 };
        this.stretches.push(stretch);
      }
      stretch.nats += nats;
      stretch.bytes += this.byteLength(tokenised, start, end);
      stretch.words++;
      this.lengths.set(end - start, (this.lengths.get(end - start) ?? 0) + 1);
    }
  }

  scores(): WholeWordScores {
    const sum = (of: (stretch: Stretch) => number) =>
      this.stretches.reduce((total, stretch) => total + of(stretch), 0);
    const words = sum((stretch) => stretch.words);
    if (words === 0) {
      throw new DataError('no word to score: expected text with words that the vocabulary can write');
    }
    const [nats, bytes] = [sum((stretch) => stretch.nats), sum((stretch) => stretch.bytes)];
    const { ratio, halfWidth } = ratioInterval(
      this.stretches.map((stretch) => stretch.nats / Math.LN2),
      this.stretches.map((stretch) => stretch.bytes),
    );
    const tokens = [...this.lengths].reduce((total, [length, count]) => total + length * count, 0);
    return {
      lossNats: nats / words,
      bitsPerByte: ratio,
      ...(halfWidth !== undefined && { bitsPerByteHalfWidth: halfWidth }),
      lengthBitsPerByte: (entropyBits([...this.lengths.values()]) * words) / bytes,
      words,
      tokensPerWord: tokens / words,
      unknownWords: this.unknownWords,
    };
  }

  /** UTF-8 bytes of a word, the space before it left out where the tokenizer counts it in. */
  private byteLength({ text, offsets }: TokenisedText, start: number, end: number): number {
    const surface = text.slice(offsets[start]?.[0], offsets[end - 1]?.[1]).trim();
    return this.encoder.encode(surface).length;
  }
}

/** Entropy of what was counted so often, in bits. */
function entropyBits(counts: readonly number[]): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.reduce((bits, count) => bits - (count / total) * Math.log2(count / total), 0);
}
