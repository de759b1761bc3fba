import { ConfigError } from '../core/index.js';
import { largestRate } from '../masking/index.js';
import { familyNamed } from '../model/index.js';
import type { Engine } from '../runtime/index.js';
import {
  type Budget,
  defaultHeads,
  defaultRecipe,
  type FixedChoices,
  MUON_MOMENTUM,
  planTraining,
  type Recipe,
} from '../train/index.js';
import { trainingFlopsPerSecond } from './calibrate.js';
import { maskingConfigOf } from './masking.js';
import { PRESETS } from './presets.js';
import type { TrainEvent, TrainOptions } from './types.js';

const DEFAULT_BUDGET_MS = 120_000;

/** What ends a run: a time, a number of steps, or the course of an earlier run. Throws a ConfigError when two are given. */
export function budgetOf({ budgetMs, steps, plan }: TrainOptions): Budget {
  if ([budgetMs, steps, plan].filter((given) => given !== undefined).length > 1) {
    throw new ConfigError('give a budget of time, a number of steps or the plan of an earlier run, not two');
  }
  if (steps !== undefined) return { steps };
  if (plan !== undefined) return { plan };
  return { ms: budgetMs ?? DEFAULT_BUDGET_MS };
}

/**
 * The recipe of a run: with a time budget it is planned for this machine and corpus, unless a preset is given; what the
 * options say holds in any case.
 */
export async function recipeFor(
  options: TrainOptions,
  budget: Budget,
  { trainBytes }: { readonly trainBytes: number },
  engine: Engine,
  report: (event: TrainEvent) => void,
): Promise<Recipe> {
  const base = {
    ...defaultRecipe,
    ...familyOf(options),
    ...optimizerOf(options),
    ...memoryOf(options),
    ...rampsOf(options),
  };
  const fixed = fixedChoices(options);
  if (!('ms' in budget) || options.preset !== undefined || isPlanned(options))
    return { ...base, ...presetChoices(options, fixed) };
  report({ type: 'stage', stage: 'plan', detail: 'measuring this machine' });
  const flopsPerSecond = await trainingFlopsPerSecond(engine);
  const facts = { budgetMs: budget.ms, flopsPerSecond, trainBytes };
  const { choices, reasons } = planTraining(facts, fixed, defaultRecipe.schedule.warmupSteps);
  for (const detail of reasons) report({ type: 'stage', stage: 'plan', detail });
  return { ...base, ...choices };
}

/** Options that a plan decides. */
const PLANNED = [
  'layers',
  'hidden',
  'heads',
  'feedForward',
  'vocabSize',
  'sequenceLength',
  'batchSize',
  'maskRate',
  'learningRate',
] as const satisfies readonly (keyof TrainOptions)[];

function isPlanned(options: TrainOptions): boolean {
  return PLANNED.every((key) => options[key] !== undefined);
}

/** The options that give a recipe without a plan: what a run writes down, so that it can be repeated. */
export function chosenOptions(recipe: Recipe): Pick<TrainOptions, (typeof PLANNED)[number] | 'optimizer'> {
  const { layers, hidden, heads, feedForward, vocabSize, sequenceLength, batchSize, maskRate } = recipe;
  const sizes = { layers, hidden, heads, feedForward, vocabSize, sequenceLength, batchSize, maskRate };
  const optimizer = recipe.muon ? 'muon' : 'adamw';
  return { ...sizes, learningRate: recipe.schedule.peak, optimizer };
}

/** What the options fix, whatever the plan. */
export function fixedChoices(options: TrainOptions): FixedChoices {
  const given = [...PLANNED, 'optimizer' as const].map((key) => [key, options[key]] as const);
  const fixed = Object.fromEntries(given.filter(([, value]) => value !== undefined));
  // Room and cost are those of the largest rate, where rates change.
  return options.maskRate === undefined
    ? fixed
    : { ...fixed, maskRate: largestRate(maskingConfigOf(options).rate) };
}

/** A recipe without a plan: the preset's sizes, or the default ones, under what is fixed. */
function presetChoices(
  options: TrainOptions,
  { learningRate, optimizer: _, ...fixed }: FixedChoices,
): Partial<Recipe> {
  const { batchTokens, ...sizes } = PRESETS[options.preset ?? 'tiny'];
  const sequenceLength = fixed.sequenceLength ?? defaultRecipe.sequenceLength;
  const hidden = fixed.hidden ?? sizes.hidden;
  const scaled = hidden === sizes.hidden ? {} : { heads: defaultHeads(hidden), feedForward: 2 * hidden };
  return {
    ...sizes,
    ...scaled,
    batchSize: Math.max(1, Math.round(batchTokens / sequenceLength)),
    ...fixed,
    schedule: { ...defaultRecipe.schedule, peak: learningRate ?? defaultRecipe.schedule.peak },
  };
}

function familyOf({ family }: TrainOptions): Partial<Recipe> {
  return family === undefined ? {} : { family: familyNamed(family, '--family').modelType };
}

function optimizerOf({ optimizer }: TrainOptions): Partial<Recipe> {
  return optimizer === 'muon' ? { muon: { momentum: MUON_MOMENTUM } } : {};
}

function rampsOf({ batchRamp, lengthRamp }: TrainOptions): Partial<Recipe> {
  return { ...(batchRamp ? { batchRamp } : {}), ...(lengthRamp ? { lengthRamp } : {}) };
}

/** What memory a step takes, and nothing of its numbers but their rounding. */
function memoryOf({ microBatchSize, recompute }: TrainOptions): Partial<Recipe> {
  return {
    ...(microBatchSize === undefined ? {} : { microBatchSize }),
    ...(recompute ? { recomputes: true } : {}),
  };
}
