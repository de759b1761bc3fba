import { ConfigError } from '../core/index.js';
import {
  type FillCandidate,
  fillJointly,
  fillTargets as fillTargetsIn,
  fillTexts,
  type JointAnswer,
  type JointFillOptions,
  type JointMethod,
  type LengthCorrection,
  type TargetCandidate,
  type TargetOrder,
} from '../infer/index.js';
import type { Tokenizer } from '../tokenize/index.js';
import { answerMany, type ManyOptions, type ManyResult } from './many.js';
import { type ModelSession, withModel } from './model-session.js';
import { formatOf, parseTexts, type RecordFormat, readInput, type TextRecord } from './records.js';

/** What every question has. */
export interface ModelOptions {
  /** The model directory. */
  readonly model: string;
  /** Threads of ONNX Runtime; one for each core by default. */
  readonly threads?: number;
}

export interface FillOptions extends ModelOptions {
  readonly text: string | readonly string[];
  /** Candidates for each mask, 5 by default. */
  readonly topK?: number;
}

/** A flat list for one mask, a list of lists for several: the shape of Hugging Face's fill-mask answer. */
export type FillResult = FillCandidate[] | FillCandidate[][];

export interface FillTargetsOptions extends ModelOptions {
  readonly text: string;
  /** Words or phrases whose probability is asked for. */
  readonly targets: readonly string[];
  /** Order of the chain rule over the tokens of a target, left to right by default. */
  readonly order?: TargetOrder;
  readonly seed?: number;
}

export interface FillJointOptions extends ModelOptions {
  readonly text: string;
  /** `chain` by default. */
  readonly method?: JointMethod;
  /** Fillings to give, 5 by default. */
  readonly topK?: number;
  /** Likeliest tokens of each mask that fillings are made of, 50 by default. */
  readonly candidates?: number;
  /** Single-token words that fillings are made of, instead of the likeliest tokens. */
  readonly targets?: readonly string[];
  /** Hypotheses that chain and beam carry on, 50 by default. */
  readonly width?: number;
  /** Fillings that gibbs and mask-predict draw, 1,000 by default. */
  readonly samples?: number;
  readonly seed?: number;
  /** Most tokens of a blank of unknown length, 3 by default. */
  readonly maxBlank?: number;
  readonly lengthCorrection?: LengthCorrection;
}

export interface FillManyOptions extends Omit<FillJointOptions, 'text'>, ManyOptions {
  /** A file of texts, or `-` for standard input. */
  readonly input: string;
  readonly format?: RecordFormat;
}

const DEFAULT_TOP_K = 5;

/**
 * Fills every mask of a text with the most probable tokens, each mask independently of the others. Throws a DataError for a
 * text without a mask.
 */
export async function fill(options: FillOptions): Promise<FillResult> {
  const texts = typeof options.text === 'string' ? [options.text] : options.text;
  return withModel(
    options.model,
    async ({ opened, predictor }) => {
      const settings = { topK: options.topK ?? DEFAULT_TOP_K };
      const masks = [];
      for await (const answer of fillTexts(predictor, opened.tokenizer, texts, settings))
        masks.push(...answer);
      return masks.length === 1 && masks[0] ? masks[0] : masks;
    },
    options.threads,
  );
}

/** The probability of given words or phrases in the place of each mask, best first; one list for each mask. */
export async function fillTargets(options: FillTargetsOptions): Promise<TargetCandidate[][]> {
  const { targets, order = 'left-to-right', seed = 0 } = options;
  if (targets.length === 0) throw new ConfigError('expected at least one target');
  return withModel(
    options.model,
    ({ opened, predictor }) =>
      fillTargetsIn(predictor, opened.tokenizer, options.text, { targets, order, seed }),
    options.threads,
  );
}

/** Fills all masks of a text together; blanks of unknown length ([MASK*]) are ranked across lengths. */
export async function fillJoint(options: FillJointOptions): Promise<JointAnswer> {
  return withModel(options.model, (session) => jointIn(session, options.text, options), options.threads);
}

/**
 * Fills the texts of a file, one JSON line for each: `{index, text, masks}`, or with `method` `{index, text, ...answer}`.
 * Can be interrupted and gone on with.
 */
export async function fillMany(options: FillManyOptions): Promise<ManyResult> {
  const { input, model, threads, output, signal, onProgress, ...settings } = options;
  const content = await readInput(input);
  const records = parseTexts(content, options.format ?? formatOf(input), input);
  return withModel(
    model,
    (session) => {
      const answer = (batch: readonly TextRecord[], first: number) =>
        settings.method
          ? jointLines(session, batch, first, settings)
          : fillLines(session, batch, first, settings.topK ?? DEFAULT_TOP_K);
      return answerMany(records, ['fill', content, model, settings], answer, {
        output,
        ...(signal && { signal }),
        ...(onProgress && { onProgress }),
      });
    },
    threads,
  );
}

async function fillLines(
  { predictor, opened }: ModelSession,
  batch: readonly TextRecord[],
  first: number,
  topK: number,
): Promise<string[]> {
  const texts = batch.map(({ text }) => text);
  const lines: string[] = [];
  for await (const masks of fillTexts(predictor, opened.tokenizer, texts, { topK })) {
    const index = first + lines.length;
    lines.push(`${JSON.stringify({ index, text: texts[lines.length], masks })}\n`);
  }
  return lines;
}

async function jointLines(
  session: ModelSession,
  batch: readonly TextRecord[],
  first: number,
  options: Omit<FillJointOptions, 'text' | 'model'>,
): Promise<string[]> {
  const lines: string[] = [];
  for (const [order, { text }] of batch.entries()) {
    const answer = await jointIn(session, text, options);
    lines.push(`${JSON.stringify({ index: first + order, text, ...answer })}\n`);
  }
  return lines;
}

function jointIn(
  { predictor, opened }: ModelSession,
  text: string,
  options: Omit<FillJointOptions, 'text' | 'model'>,
): Promise<JointAnswer> {
  const settings: JointFillOptions = {
    method: options.method ?? 'chain',
    topK: options.topK ?? DEFAULT_TOP_K,
    candidates: options.candidates ?? 50,
    width: options.width ?? 50,
    samples: options.samples ?? 1000,
    seed: options.seed ?? 0,
    maxBlank: options.maxBlank ?? 3,
    lengthCorrection: options.lengthCorrection ?? 'mean',
    ...(options.targets && { candidateIds: singleTokens(opened.tokenizer, options.targets) }),
  };
  return fillJointly(predictor, opened.tokenizer, text, settings);
}

/** The ids of words that the vocabulary has whole. Throws a ConfigError that names one that takes several tokens. */
function singleTokens(tokenizer: Tokenizer, words: readonly string[]): number[] {
  return words.map((word) => {
    const { ids } = tokenizer.encode(word, { addSpecialTokens: false });
    const [id] = ids;
    if (ids.length !== 1 || id === undefined || tokenizer.specialIds.includes(id)) {
      throw new ConfigError(
        `the target '${word}' is not one token of the vocabulary: fillings of several masks are made of single tokens; ask for it without --joint`,
      );
    }
    return id;
  });
}
