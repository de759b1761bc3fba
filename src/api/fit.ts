import { EpochOrder, makeBatch } from '../data/index.js';
import type { StepSpec } from '../graph/index.js';
import { bertPolicy, type Masker } from '../masking/index.js';
import { initialParameters, type LanguageModel, type ParameterValues } from '../model/index.js';
import type { Engine } from '../runtime/index.js';
import {
  type Budget,
  maskingWatch,
  planMicroBatches,
  planStepsPerRun,
  type Recipe,
  runTraining,
  type StepsReport,
  type TrainingHooks,
  type TrainingOutcome,
  trainingStep,
} from '../train/index.js';
import { maskingVocabulary, planBatches } from './held-out.js';
import { isModernBert } from './new-model.js';
import type { PreparedCorpus } from './prepare.js';
import { trainingCounts } from './training-counts.js';
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
  readonly report: (event: TrainEvent) => void;
}

/** Trains a model of the recipe's making until the budget is spent; reports its stages and its progress. */
export async function trainModel(training: ModelTraining): Promise<TrainingOutcome> {
  const { engine, recipe, model, masker, corpus, seed, signal, report } = training;
  const { tokenizer } = corpus;
  const { microBatchSize, microBatches } = planMicroBatches(recipe, recipe.microBatchSize);
  const plan = planBatches(microBatchSize, recipe.sequenceLength, recipe.maskRate);
  const shape = { ...plan, predictions: plan.predictionsPerBatch, microBatches };
  const initial = training.initial ?? freshParameters(training);
  const step = trainingStep(model, shape, { ...recipe, specialIds: tokenizer.specialIds });
  const { budget, hooks, lastCheckpoint, longestRun = Number.POSITIVE_INFINITY } = await training.begin(step);
  report({ type: 'stage', stage: 'train', detail: describeBudget(budget) });
  const vocabulary = maskingVocabulary(tokenizer);
  const policy = bertPolicy(recipe.maskRate);
  const batching = { plan, seed, vocabulary, policy, masker, microBatches };
  const watch = masker && maskingWatch(masker, { engine, model, data: corpus.train, vocabulary, seed });
  const longestWatched = watch?.every ?? Number.POSITIVE_INFINITY;
  const order = new EpochOrder(corpus.train.count, seed);
  const progress = new ProgressReporter(recipe, report, lastCheckpoint);
  return runTraining({
    engine,
    step,
    shape,
    initial,
    batchAt: (index) => makeBatch(corpus.train, order, index, batching),
    optimizer: recipe.optimizer,
    maxGradientNorm: recipe.maxGradientNorm,
    schedule: recipe.schedule,
    budget,
    stepsPerRun: Math.min(planStepsPerRun(model, shape), longestRun, longestWatched),
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
  });
}

/** Share of a new step in the smoothed loss and accuracy. */
const SMOOTHING = 0.05;

/** Turns what the loop reports into progress events, smoothed over recent steps. */
class ProgressReporter {
  private loss: number | undefined;
  private accuracy = 0;

  constructor(
    private readonly recipe: Recipe,
    private readonly report: (event: TrainEvent) => void,
    private readonly lastCheckpoint: Begun['lastCheckpoint'],
  ) {}

  update(steps: StepsReport): void {
    for (const [index, loss] of steps.lossNats.entries()) {
      if (steps.skipped.includes(index)) continue;
      const accuracy = steps.accuracy[index] ?? 0;
      this.accuracy =
        this.loss === undefined ? accuracy : this.accuracy + SMOOTHING * (accuracy - this.accuracy);
      this.loss = this.loss === undefined ? loss : this.loss + SMOOTHING * (loss - this.loss);
    }
    const msPerStep = steps.elapsedMs / steps.step;
    this.report({
      type: 'progress',
      step: steps.step,
      totalSteps: steps.totalSteps,
      lossNats: this.loss ?? Number.NaN,
      maskedAccuracy: this.accuracy,
      tokensPerSecond: (1000 * this.recipe.batchSize * this.recipe.sequenceLength) / msPerStep,
      learningRate: steps.learningRate,
      gradientNorm: steps.gradientNorm.at(-1) ?? Number.NaN,
      memoryBytes: process.memoryUsage.rss(),
      ...this.lastCheckpoint?.(),
      elapsedMs: steps.elapsedMs,
      remainingMs: (steps.totalSteps - steps.step) * msPerStep,
    });
  }
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

function describeBudget(budget: Budget): string {
  if ('ms' in budget) return `${(budget.ms / 1000).toFixed(0)} seconds`;
  return 'steps' in budget ? `${budget.steps} steps` : 'the course of an earlier run';
}
