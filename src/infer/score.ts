import type { Tokenizer } from '../tokenize/index.js';
import type { Predictor } from './predictor.js';
import {
  answerScorings,
  type ScoreMethod,
  type ScoreOptions,
  type Scoring,
  scoringOf,
} from './score-rows.js';
import type { TokenisedText } from './windows.js';

/** One token of a scored text. */
export interface TokenScore {
  readonly token: string;
  /** [start, end) in UTF-16 code units of the text. */
  readonly start: number;
  readonly end: number;
  /** -ln p(token | the rest); null for a token outside the ids that probabilities are normalised over, such as [UNK]. */
  readonly surprisalNats: number | null;
}

/** A stretch of text between white space. */
export interface WordScore {
  readonly word: string;
  readonly start: number;
  readonly end: number;
  readonly surprisalNats: number;
  readonly surprisalBits: number;
}

export interface TextScore {
  readonly text: string;
  readonly method: ScoreMethod;
  readonly over: 'valid' | 'all';
  /** Sum of ln p(token | the rest) over the scored tokens. */
  readonly pseudoLogLikelihoodNats: number;
  readonly pseudoLogLikelihoodBits: number;
  /** Tokens in the sum, and tokens that are in no sum because the vocabulary cannot write them. */
  readonly scoredTokens: number;
  readonly unknownTokens: number;
  readonly tokens: readonly TokenScore[];
  readonly words: readonly WordScore[];
  /** How a text that is longer than the model reads was cut; absent when it was read whole. */
  readonly windows?: { readonly count: number; readonly size: number; readonly stride: number };
}

const TEXTS_AT_ONCE = 128;

/**
 * Pseudo-log-likelihoods of texts, in their order. One row per token, only the masked place of which reaches the head; a
 * text that is longer than the model reads is scored in windows, each token in the one that gives it the most context.
 */
export async function* scoreTexts(
  predictor: Predictor,
  tokenizer: Tokenizer,
  texts: Iterable<string>,
  options: ScoreOptions,
): AsyncGenerator<TextScore> {
  let waiting: Scoring[] = [];
  for (const text of texts) {
    waiting.push(scoringOf(tokenizer, text, predictor.maxTokens, options.stride));
    if (waiting.length < TEXTS_AT_ONCE) continue;
    yield* await scoreAll(predictor, tokenizer, waiting, options);
    waiting = [];
  }
  yield* await scoreAll(predictor, tokenizer, waiting, options);
}

async function scoreAll(
  predictor: Predictor,
  tokenizer: Tokenizer,
  scorings: readonly Scoring[],
  options: ScoreOptions,
): Promise<TextScore[]> {
  await answerScorings(predictor, tokenizer, scorings, options);
  return scorings.map((scoring) => scoreOf(scoring, options));
}

function scoreOf({ tokenised, windows, stride, surprisals }: Scoring, options: ScoreOptions): TextScore {
  const scored = surprisals.filter((value) => !Number.isNaN(value));
  const nats = -scored.reduce((sum, value) => sum + value, 0);
  const [first] = windows;
  return {
    text: tokenised.text,
    method: options.method,
    over: options.over,
    pseudoLogLikelihoodNats: nats,
    pseudoLogLikelihoodBits: nats / Math.LN2,
    scoredTokens: scored.length,
    unknownTokens: surprisals.length - scored.length,
    tokens: tokenised.tokens.map((token, index) => {
      const [start, end] = tokenised.offsets[index] as readonly [number, number];
      const value = surprisals[index] as number;
      return { token, start, end, surprisalNats: Number.isNaN(value) ? null : value };
    }),
    words: wordScores(tokenised, surprisals),
    ...(windows.length > 1 &&
      first && { windows: { count: windows.length, size: first.end - first.start, stride } }),
  };
}

/** Sums of surprisals between white space; words of unknown tokens alone have surprisal 0. */
function wordScores({ text, offsets }: TokenisedText, surprisals: Float64Array): WordScore[] {
  const words: { start: number; end: number; nats: number }[] = [];
  for (const [index, [start, end]] of offsets.entries()) {
    const last = words.at(-1);
    const value = surprisals[index] as number;
    const nats = Number.isNaN(value) ? 0 : value;
    // Byte-level tokens hold the space before them.
    const from = start + (/^\s*/.exec(text.slice(start, end))?.[0].length ?? 0);
    if (last && from === start && !/\s/.test(text.slice(last.end, start))) {
      last.end = Math.max(last.end, end);
      last.nats += nats;
    } else words.push({ start: from, end, nats });
  }
  return words.map(({ start, end, nats }) => ({
    word: text.slice(start, end),
    start,
    end,
    surprisalNats: nats,
    surprisalBits: nats / Math.LN2,
  }));
}
