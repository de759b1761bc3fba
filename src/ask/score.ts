import { DataError } from '../core/index.js';
import { csvLine } from '../formats/index.js';
import {
  comparePair,
  type PairScore,
  type PairSummary,
  type ScoreMethod,
  type ScoreOptions,
  scoreTexts,
  summarisePairs,
  type TextScore,
} from '../infer/index.js';
import type { ModelOptions } from './fill.js';
import { answerMany, type ManyOptions, type ManyResult } from './many.js';
import { type ModelSession, withModel } from './model-session.js';
import {
  formatOf,
  type PairRecord,
  parsePairs,
  parseTexts,
  type RecordFormat,
  readInput,
  type TextRecord,
} from './records.js';

export interface ScoreSettings {
  /** `within-word-l2r` by default. */
  readonly method?: ScoreMethod;
  /** Ids that probabilities are normalised over: `valid` by default; `all` for comparison with minicons. */
  readonly over?: 'valid' | 'all';
  /** Tokens between the starts of the windows of a long text. */
  readonly stride?: number;
}

export interface ScoreTextsOptions extends ModelOptions, ScoreSettings {
  readonly texts: readonly string[];
}

export interface ScorePairsOptions extends ModelOptions, ScoreSettings {
  readonly pairs: readonly { readonly good: string; readonly bad: string }[];
}

export interface ScoreManyOptions extends ModelOptions, ScoreSettings, ManyOptions {
  /** A file, or `-` for standard input. */
  readonly input: string;
  readonly format?: RecordFormat;
  /** Records are minimal pairs. */
  readonly pairs?: boolean;
  /** `jsonl` by default: all of a score; `csv`: a row a text with its sums. */
  readonly outputFormat?: 'jsonl' | 'csv';
}

export interface ScoreManyResult extends ManyResult {
  /** Of the pairs that this run answered. */
  readonly summary?: PairSummary;
}

/** Pseudo-log-likelihoods of texts, in their order. */
export async function score(options: ScoreTextsOptions): Promise<TextScore[]> {
  return withModel(options.model, (session) => scoreAll(session, options.texts, options), options.threads);
}

/** Minimal pairs: which of two sentences is likelier; a tie is not correct. */
export async function scorePairs(
  options: ScorePairsOptions,
): Promise<{ readonly pairs: PairScore[]; readonly summary: PairSummary }> {
  const pairs = await withModel(
    options.model,
    (session) => pairsIn(session, options.pairs, options),
    options.threads,
  );
  return { pairs, summary: summarisePairs(pairs) };
}

/** Scores the texts or pairs of a file, a JSON line or a CSV row for each. Can be interrupted and gone on with. */
export async function scoreMany(options: ScoreManyOptions): Promise<ScoreManyResult> {
  const { input, model, threads, output, signal, onProgress, ...settings } = options;
  const content = await readInput(input);
  const format = options.format ?? formatOf(input);
  const isCsv = options.outputFormat === 'csv';
  const many: ManyOptions = { output, ...(signal && { signal }), ...(onProgress && { onProgress }) };
  const asked = ['score', content, model, settings];
  return withModel(
    model,
    async (session) => {
      if (!options.pairs) {
        const records = parseTexts(content, format, input);
        const answer = textLines(session, settings, isCsv);
        return answerMany(records, asked, answer, many, isCsv ? csvLine(TEXT_COLUMNS) : '');
      }
      const judged: Pick<PairScore, 'isTie' | 'isCorrect'>[] = [];
      const records = parsePairs(content, format, input);
      const answer = pairLines(session, settings, isCsv, judged);
      const result = await answerMany(records, asked, answer, many, isCsv ? csvLine(PAIR_COLUMNS) : '');
      return judged.length > 0 ? { ...result, summary: summarisePairs(judged) } : result;
    },
    threads,
  );
}

const TEXT_COLUMNS = ['index', 'text', 'pll_nats', 'pll_bits', 'scored_tokens', 'unknown_tokens', 'windows'];
const PAIR_COLUMNS = ['index', 'good', 'bad', 'good_nats', 'bad_nats', 'difference_nats', 'tie', 'correct'];

function textLines(session: ModelSession, settings: ScoreSettings, isCsv: boolean) {
  return async (batch: readonly TextRecord[], first: number) => {
    const scores = await scoreAll(
      session,
      batch.map(({ text }) => text),
      settings,
      batch,
    );
    return scores.map((own, order) => {
      const index = first + order;
      if (!isCsv) return `${JSON.stringify({ index, ...own })}\n`;
      const { text, pseudoLogLikelihoodNats: nats, pseudoLogLikelihoodBits: bits } = own;
      return csvLine([index, text, nats, bits, own.scoredTokens, own.unknownTokens, own.windows?.count ?? 1]);
    });
  };
}

function pairLines(
  session: ModelSession,
  settings: ScoreSettings,
  isCsv: boolean,
  judged: Pick<PairScore, 'isTie' | 'isCorrect'>[],
) {
  return async (batch: readonly PairRecord[], first: number) => {
    const pairs = await pairsIn(session, batch, settings);
    judged.push(...pairs.map(({ isTie, isCorrect }) => ({ isTie, isCorrect })));
    return pairs.map((pair, order) => {
      const index = first + order;
      if (!isCsv) return `${JSON.stringify({ index, ...pair })}\n`;
      const { good, bad, differenceNats, isTie, isCorrect } = pair;
      const sums = [good.pseudoLogLikelihoodNats, bad.pseudoLogLikelihoodNats, differenceNats];
      return csvLine([index, good.text, bad.text, ...sums, isTie, isCorrect]);
    });
  };
}

async function pairsIn(
  session: ModelSession,
  pairs: readonly { readonly good: string; readonly bad: string }[],
  settings: ScoreSettings,
): Promise<PairScore[]> {
  const scores = await scoreAll(
    session,
    pairs.flatMap(({ good, bad }) => [good, bad]),
    settings,
  );
  return pairs.map((_, index) =>
    comparePair(scores[2 * index] as TextScore, scores[2 * index + 1] as TextScore),
  );
}

async function scoreAll(
  { predictor, opened }: ModelSession,
  texts: readonly string[],
  settings: ScoreSettings,
  records: readonly TextRecord[] = [],
): Promise<TextScore[]> {
  const options: ScoreOptions = {
    method: settings.method ?? 'within-word-l2r',
    over: settings.over ?? 'valid',
    ...(settings.stride !== undefined && { stride: settings.stride }),
  };
  const empty = texts.findIndex((text) => text.trim() === '');
  if (empty >= 0) {
    const where = records[empty]?.where ?? `text ${empty + 1}`;
    throw new DataError(`${where} has nothing to score: expected at least one word`);
  }
  const scores: TextScore[] = [];
  for await (const own of scoreTexts(predictor, opened.tokenizer, texts, options)) scores.push(own);
  return scores;
}
