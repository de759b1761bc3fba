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

/** Where surprisals saturate, 87.3 nats: the smallest normal float32. */
const TINY = 2 ** -126;

/** A text whose tokens are scored, and their scores so far. */
export interface Scoring {
  readonly tokenised: TokenisedText;
  readonly windows: readonly Window[];
  readonly stride: number;
  /** f64[tokens], NaN where a token is not scored. */
  readonly surprisals: Float64Array;
  /** The tokens to score; all of them when absent. */
  readonly chosen?: ReadonlySet<number>;
}

interface ScoreRow extends Row {
  readonly scoring: Scoring;
  readonly token: number;
}

/** A text to score, with the windows in which a model of `maxTokens` tokens reads it. */
export function scoringOf(tokenizer: Tokenizer, text: string, maxTokens: number, stride?: number): Scoring {
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

/** Asks a model for the surprisals of texts, in nats, one row a token, and writes them into `surprisals`. */
export async function answerScorings(
  predictor: Predictor,
  tokenizer: Tokenizer,
  scorings: readonly Scoring[],
  options: ScoreOptions,
): Promise<void> {
  const rows = scoreRows(scorings, tokenizer, options);
  for await (const { row, values } of predictor.ask({ kind: 'labels', over: options.over }, rows)) {
    row.scoring.surprisals[row.token] = -Math.log(Math.max(values[0] as number, TINY));
  }
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
      if (special.has(id) || scoring.chosen?.has(token) === false) continue;
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
