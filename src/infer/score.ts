import type { Tokenizer } from '../tokenize/index.js';
import type { Predictor } from './predictor.js';
import type { Row } from './rows.js';
import {
  bestWindows,
  type TokenisedText,
  tokeniseText,
  type Window,
  windowIds,
  windowSize,
  windowsOf,
} from './windows.js';

/**
 * How the tokens of a text are masked for its pseudo-log-likelihood: each alone (`original`: Salazar et al. 2020, "Masked
 * Language Model Scoring"), or with the later tokens of its word (`within-word-l2r`: Kauf & Ivanova 2023).
 */
export const SCORE_METHODS = ['original', 'within-word-l2r'] as const;
export type ScoreMethod = (typeof SCORE_METHODS)[number];

export interface ScoreOptions {
  readonly method: ScoreMethod;
  /** Ids that probabilities are normalised over: the valid ones, or all of them, special ones too, as minicons does. */
  readonly over: 'valid' | 'all';
  /** Tokens between the starts of the windows of a long text; half of what the model reads by default. */
  readonly stride?: number;
}

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

/** Where surprisals saturate, 87.3 nats: the smallest normal float32. */
const TINY = 2 ** -126;
const TEXTS_AT_ONCE = 128;

interface Scoring {
  readonly tokenised: TokenisedText;
  readonly windows: readonly Window[];
  readonly stride: number;
  /** f64[tokens], NaN where a token is not scored. */
  readonly surprisals: Float64Array;
}

interface ScoreRow extends Row {
  readonly scoring: Scoring;
  readonly token: number;
}

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
    waiting.push(scoringOf(tokenizer, text, predictor.maxTokens, options));
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
  const rows = scoreRows(scorings, tokenizer, options);
  for await (const { row, values } of predictor.ask({ kind: 'labels', over: options.over }, rows)) {
    row.scoring.surprisals[row.token] = -Math.log(Math.max(values[0] as number, TINY));
  }
  return scorings.map((scoring) => scoreOf(scoring, options));
}

function scoringOf(tokenizer: Tokenizer, text: string, maxTokens: number, { stride }: ScoreOptions): Scoring {
  const tokenised = tokeniseText(tokenizer, text);
  const size = windowSize(tokenised, maxTokens);
  const step = stride ?? Math.max(1, Math.floor(size / 2));
  const { length } = tokenised.ids;
  return {
    tokenised,
    windows: windowsOf(length, size, step),
    stride: step,
    surprisals: new Float64Array(length).fill(Number.NaN),
  };
}

/** The rows of texts, made while others are being answered. */
function* scoreRows(
  scorings: readonly Scoring[],
  tokenizer: Tokenizer,
  { method, over }: ScoreOptions,
): Generator<ScoreRow> {
  const special = new Set(over === 'valid' ? tokenizer.specialIds : []);
  const mask = tokenizer.special.mask;
  for (const scoring of scorings) {
    const { ids, wordIds, before } = scoring.tokenised;
    const best = bestWindows(ids.length, scoring.windows);
    let window: Window | undefined;
    let base: number[] = [];
    for (const [token, id] of ids.entries()) {
      if (special.has(id)) continue;
      const own = scoring.windows[best[token] as number] as Window;
      if (own !== window) {
        window = own;
        base = windowIds(scoring.tokenised, own);
      }
      const place = token - own.start + before.length;
      const masked = base.slice();
      masked[place] = mask;
      if (method === 'within-word-l2r') maskRestOfWord(masked, wordIds, token, own, before.length, mask);
      yield { ids: masked, positions: [place], labels: [id], scoring, token };
    }
  }
}

function maskRestOfWord(
  masked: number[],
  wordIds: readonly (number | null)[],
  token: number,
  { start, end }: Window,
  before: number,
  mask: number,
): void {
  const word = wordIds[token];
  if (word === null) return;
  for (let later = token + 1; later < end && wordIds[later] === word; later++) {
    masked[later - start + before] = mask;
  }
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
