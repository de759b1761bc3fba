import type { StepSpec } from '../graph/index.js';
import type { Masker } from '../masking/index.js';
import { initialParameters, type LanguageModel, type ParameterValues } from '../model/index.js';
import type { Engine } from '../runtime/index.js';
import {
  type Budget,
  maskingWatch,
  planStepsPerRun,
  type Recipe,
  rampStages,
  runTraining,
  stepFlops,
  type TrainingHooks,
  type TrainingOutcome,
  tokensOf,
} from '../train/index.js';
import { evidenceOf } from './counted-evidence.js';
import { maskingVocabulary } from './held-out.js';
import { isModernBert } from './new-model.js';
import type { PreparedCorpus } from './prepare.js';
import { ProgressReporter } from './progress.js';
import { peakFlopsPerSecond } from './sgemm-meter.js';
import { trainingCounts } from './training-counts.js';
import { trainingSteps } from './training-steps.js';
import type { ProgressEvent, TrainEvent } from './types.js';

/** How a training goes on from here. */
export interface Begun {
  readonly budget: Budget;
  readonly hooks?: TrainingHooks;
  /** The most steps in one program run. */
  readonly longestRun?: number;
  readonly lastCheckpoint?: () => Pick<ProgressEvent, 'lastCheckpointStep'>;
}

/** A model to train on a prepared corpus by a recipe. */
export interface ModelTraining {
  readonly engine: Engine;
  readonly recipe: Recipe;
  readonly model: LanguageModel;
  /** How training masks; uniformly at the recipe's rate unless told. */
  readonly masker?: Masker;
  readonly corpus: PreparedCorpus;
  readonly seed: number;
  readonly signal?: AbortSignal;
  /** Where training starts, instead of freshly drawn values. */
  readonly initial?: ParameterValues;
  /** Told the step that is about to be trained; says how long, and who listens. */
  readonly begin: (step: StepSpec) => Promise<Begun>;
  /** Whether progress tells the share of the machine's peak, where the run is long enough to measure that first. */
  readonly measuresPeak?: boolean;
  readonly report: (event: TrainEvent) => void;
}

/** Trains a model of the recipe's making until the budget is spent; reports its stages and its progress. */
export async function trainModel(training: ModelTraining): Promise<TrainingOutcome> {
  const { engine, recipe, model, masker, corpus, seed, signal, report } = training;
  const { tokenizer } = corpus;
  const initial = training.initial ?? freshParameters(training);
  const { last, stages } = trainingSteps(training);
  const begun = await training.begin(last.step);
  const { budget, hooks, lastCheckpoint, longestRun = Number.POSITIVE_INFINITY } = begun;
  const flops = stepFlops(model, last.shape);
  const isMeasured = training.measuresPeak && isLong(budget, flops);
  const peak = isMeasured ? await peakFlopsPerSecond(engine) : undefined;
  report({ type: 'stage', stage: 'train', detail: describeBudget(budget, peak) });
  const vocabulary = maskingVocabulary(tokenizer);
  const watch = masker && maskingWatch(masker, { engine, model, data: corpus.train, vocabulary, seed });
  const longestWatched = watch?.every ?? Number.POSITIVE_INFINITY;
  const size = {
    tokensOf: (steps: number) => tokensOf(rampStages(recipe), steps),
    flopsPerToken: flops / (recipe.batchSize * recipe.sequenceLength),
    peak,
  };
  const progress = new ProgressReporter(size, report, lastCheckpoint);
  return runTraining({
    engine,
    ...last,
    stages,
    initial,
    optimizer: recipe.optimizer,
    maxGradientNorm: recipe.maxGradientNorm,
    schedule: recipe.schedule,
    budget,
    stepsPerRun: Math.min(planStepsPerRun(model, last.shape), longestRun, longestWatched),
    watch,
    onSteps: (steps) => progress.update(steps),
    ...(hooks ? { hooks } : {}),
    ...(signal ? { signal } : {}),
  });
}

/** Values to begin from nothing with: drawn, or from the corpus's counts where those say enough. */
function freshParameters({ recipe, model, corpus, seed, report }: ModelTraining): ParameterValues {
  const { tokenizer, counts } = corpus;
  const startsFromCounts = canStartFromCounts(recipe, tokenizer.vocabSize);
  const origin = startsFromCounts ? "from the corpus's own counts" : 'at random';
  report({ type: 'stage', stage: 'initialise', detail: `${describeModel(recipe)}, ${origin}` });
  return initialParameters(model, {
    seed,
    unigramCounts: counts.unigrams,
    neighbourOffsets: recipe.neighbourOffsets,
    ...(startsFromCounts ? { counts: trainingCounts(counts, tokenizer, seed) } : {}),
    ...(model.knowsCounts ? { tables: evidenceOf(corpus).tables } : {}),
  });
}

/** Count initialisation needs two neighbour heads, and more words than dimensions to say something about them. */
export function canStartFromCounts(recipe: Recipe, vocabSize: number): boolean {
  return (
    isModernBert(recipe) && recipe.startsFromCounts && recipe.heads >= 2 && vocabSize >= 2 * recipe.hidden
  );
}

function describeModel({ family = 'modernbert', layers, hidden, heads, feedForward }: Recipe): string {
  return `${family}, ${layers} layers, hidden ${hidden}, ${heads} heads, feed-forward ${feedForward}`;
}

/** Runs of at least so long tell the share of the machine's peak, beside which measuring it is nothing. */
const LONG_MS = 10_000;
const LONG_FLOPS = 1e12;

function isLong(budget: Budget, flopsPerStep: number): boolean {
  if ('ms' in budget) return budget.ms >= LONG_MS;
  const steps = 'steps' in budget ? budget.steps : (budget.plan.at(-1)?.totalSteps ?? 0);
  return steps * flopsPerStep >= LONG_FLOPS;
}

function describeBudget(budget: Budget, peak: number | undefined): string {
  const beside = peak === undefined ? '' : `, beside a peak of ${(peak / 1e9).toFixed(0)} GFLOP/s`;
  if ('ms' in budget) return `${(budget.ms / 1000).toFixed(0)} seconds${beside}`;
  return `${'steps' in budget ? `${budget.steps} steps` : 'the course of an earlier run'}${beside}`;
}
