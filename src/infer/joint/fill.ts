import type { Tokenizer } from '../../tokenize/index.js';
import type { Predictor } from '../predictor.js';
import { expandBlanks, type Prompt, readJointPrompt } from '../prompt.js';
import { Surfaces } from '../surface.js';
import { topK } from '../top-k.js';
import type { Window } from '../windows.js';
import { isWhole, JOINT_MEANINGS, type JointMethod, type JointOptions, jointFillings } from './methods.js';
import { Conditionals, type JointProblem, rankFillings } from './problem.js';

/** How fillings of different numbers of tokens are compared. */
export const LENGTH_CORRECTIONS = ['mean', 'none'] as const;
export type LengthCorrection = (typeof LENGTH_CORRECTIONS)[number];

export interface JointFillOptions extends JointOptions {
  readonly method: JointMethod;
  /** Fillings to give. */
  readonly topK: number;
  /** Most probable ids at each mask that fillings are made of. */
  readonly candidates: number;
  /** Instead of the most probable ones: ids that fillings are made of, at every mask. */
  readonly candidateIds?: readonly number[];
  /** Most tokens of a blank of unknown length. */
  readonly maxBlank: number;
  readonly lengthCorrection: LengthCorrection;
}

/** A whole filling of a text. */
export interface JointFilling {
  readonly sequence: string;
  /** Natural logarithm of the joint probability among the fillings by the candidates, for this number of tokens. */
  readonly logProbability: number;
  readonly probability: number;
  /** What fillings are ranked by: the log-probability after the length correction. */
  readonly score: number;
  readonly tokens: readonly number[];
  readonly tokenStrings: readonly string[];
}

export interface JointAnswer {
  readonly method: JointMethod;
  /** What `logProbability` is. */
  readonly meaning: string;
  /** True when the probabilities are those of the method's whole distribution, not of a beam or of samples. */
  readonly isWhole: boolean;
  readonly lengthCorrection: LengthCorrection;
  /** Of each number of masks that was tried: candidates at each mask, and the mass that they hold with all masks open. */
  readonly lengths: readonly JointLength[];
  readonly fillings: readonly JointFilling[];
  readonly window?: Window & { readonly of: number };
}

export interface JointLength {
  readonly masks: number;
  readonly candidates: readonly number[];
  readonly coverage: readonly number[];
}

/**
 * Fills all masks of a text together by a named method; blanks of unknown length ([MASK*]) as 1 to `maxBlank` tokens each,
 * ranked across lengths. Probabilities of different lengths are conditioned on different inputs, so they are compared by
 * `lengthCorrection`: 'mean' divides a log-probability by the number of tokens, 'none' leaves it.
 */
export async function fillJointly(
  predictor: Predictor,
  tokenizer: Tokenizer,
  text: string,
  options: JointFillOptions,
): Promise<JointAnswer> {
  const surfaces = new Surfaces(tokenizer);
  const { method } = options;
  const prompts = expandBlanks(tokenizer, text, options.maxBlank).map((expanded) =>
    readJointPrompt(tokenizer, expanded.text, predictor.maxTokens),
  );
  const answers = [];
  for (const prompt of prompts)
    answers.push(await fillPrompt(predictor, tokenizer, surfaces, prompt, options));
  const fillings = answers.flatMap((answer) => answer.fillings).sort((a, b) => b.score - a.score);
  const window = prompts.find((prompt) => prompt.window)?.window;
  return {
    method,
    meaning: JOINT_MEANINGS[method],
    isWhole: answers.every((answer) => answer.isWhole),
    lengthCorrection: options.lengthCorrection,
    lengths: answers.map(({ length }) => length),
    fillings: fillings.slice(0, options.topK),
    ...(window && { window }),
  };
}

async function fillPrompt(
  predictor: Predictor,
  tokenizer: Tokenizer,
  surfaces: Surfaces,
  prompt: Prompt,
  options: JointFillOptions,
) {
  const { problem, coverage } = await problemOf(predictor, prompt, options);
  const conditionals = new Conditionals(predictor, problem);
  const ranked = rankFillings(await jointFillings(options.method, conditionals, options), options.topK);
  const fillings = ranked.map(({ assignment, logProbability }): JointFilling => {
    const tokens = assignment.map((choice, site) => problem.candidates[site]?.[choice] as number);
    return {
      sequence: surfaces.fill(prompt.text, prompt.spans, tokens),
      logProbability,
      probability: Math.exp(logProbability),
      score: options.lengthCorrection === 'mean' ? logProbability / tokens.length : logProbability,
      tokens,
      tokenStrings: tokens.map((id) => tokenizer.idToToken(id) ?? ''),
    };
  });
  const length: JointLength = {
    masks: prompt.sites.length,
    candidates: problem.candidates.map((ids) => ids.length),
    coverage,
  };
  return { fillings, length, isWhole: isWhole(options.method, conditionals, options) };
}

/** The candidates of each mask, and the probability that they hold together when every mask is open. */
export async function problemOf(
  predictor: Predictor,
  { ids, sites }: Prompt,
  options: Pick<JointFillOptions, 'candidates' | 'candidateIds'>,
): Promise<{ readonly problem: JointProblem; readonly coverage: number[] }> {
  const [probabilities = new Float32Array()] = await predictor.distributions([{ ids, positions: sites }]);
  const V = probabilities.length / sites.length;
  const rows = sites.map((_, site) => probabilities.subarray(site * V, (site + 1) * V));
  const candidates = rows.map(
    (row) => options.candidateIds ?? topK(row, options.candidates).map(({ id }) => id),
  );
  const coverage = rows.map((row, site) =>
    (candidates[site] as readonly number[]).reduce((sum, id) => sum + (row[id] ?? 0), 0),
  );
  return { problem: { ids, sites, candidates }, coverage };
}
