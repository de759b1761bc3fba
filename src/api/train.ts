import { ConfigError, LacunaError } from '../core/index.js';
import { EpochOrder, makeBatch } from '../data/index.js';
import { assertWritableTarget } from '../hub/index.js';
import { Predictor } from '../infer/index.js';
import { largestRate, type Masker } from '../masking/index.js';
import { checkConfig, initialParameters, type ModernBertConfig } from '../model/index.js';
import { Engine } from '../runtime/index.js';
import {
  type Budget,
  defaultRecipe,
  maskingWatch,
  planMicroBatches,
  planStepsPerRun,
  type Recipe,
  runTraining,
  type StepsReport,
  type TrainingOutcome,
  trainingStep,
} from '../train/index.js';
import { EVALUATION_MASK_RATE } from './evaluate.js';
import { maskingVocabulary, planBatches, scoreHeldOut } from './held-out.js';
import { createMasker, maskingConfigOf, maskingNeeds } from './masking.js';
import { type PreparedCorpus, prepareCorpus } from './prepare.js';
import { saveTrained } from './save-trained.js';
import { trainingCounts } from './training-counts.js';
import type { TrainEvent, TrainOptions, TrainResult } from './types.js';

const DEFAULT_BUDGET_MS = 120_000;

/**
 * Trains a tokenizer and a masked language model from nothing, measures it on held-out documents beside the baselines,
 * and writes a model directory. Nothing is written before training is done; an abort ends training early and saves
 * what was reached. Throws a LacunaError that says where, what was expected and what to do.
 */
export async function train(options: TrainOptions): Promise<TrainResult> {
  const started = performance.now();
  const report = options.onEvent ?? (() => undefined);
  const recipe = recipeFor(options);
  const masking = maskingConfigOf(options);
  const budget = budgetOf(options);
  const seed = options.seed ?? 0;
  const target = { overwrite: options.overwrite ?? false };
  await assertWritableTarget(options.out, target);

  const corpus = await prepareCorpus({ paths: options.paths, ...recipe, ...maskingNeeds(masking) }, report);
  const config = modelConfig(recipe, corpus);
  const masker = createMasker(masking, corpus, budget);
  const engine = new Engine(options.threads === undefined ? {} : { threads: options.threads });
  try {
    const outcome = await trainModel({
      engine,
      recipe,
      masker,
      config,
      corpus,
      budget,
      seed,
      options,
      report,
    });
    if (outcome.steps === 0)
      throw new LacunaError('interrupted', 'interrupted before the first step: nothing saved');
    report({ type: 'stage', stage: 'evaluate', detail: `${corpus.heldOut.count} held-out sequences` });
    const { specialIds } = corpus.tokenizer;
    const heldOut = await scoreHeldOut({
      predictor: new Predictor(engine, { config, parameters: outcome.parameters, specialIds }),
      tokenizer: corpus.tokenizer,
      data: corpus.heldOut,
      seed,
      maskRate: EVALUATION_MASK_RATE,
      counts: corpus.counts,
    });
    report({ type: 'stage', stage: 'save', detail: options.out });
    const result = summarise({ options, recipe, config, corpus, outcome, seed, heldOut, started });
    await saveTrained(result, { corpus, config, masker, outcome, budget, threads: engine.threads, target });
    return result;
  } finally {
    await engine.close();
  }
}

interface ModelTraining {
  readonly engine: Engine;
  readonly recipe: Recipe;
  readonly masker: Masker;
  readonly config: ModernBertConfig;
  readonly corpus: PreparedCorpus;
  readonly budget: Budget;
  readonly seed: number;
  readonly options: TrainOptions;
  readonly report: (event: TrainEvent) => void;
}

async function trainModel(training: ModelTraining): Promise<TrainingOutcome> {
  const { engine, recipe, masker, config, corpus, budget, seed, options, report } = training;
  const { tokenizer } = corpus;
  const { microBatchSize, microBatches } = planMicroBatches(recipe, recipe.microBatchSize);
  const plan = planBatches(microBatchSize, recipe.sequenceLength, recipe.maskRate);
  const shape = { ...plan, predictions: plan.predictionsPerBatch, microBatches };
  const startsFromCounts = canStartFromCounts(recipe, tokenizer.vocabSize);
  const origin = startsFromCounts ? "from the corpus's own counts" : 'at random';
  report({ type: 'stage', stage: 'initialise', detail: `${describeModel(recipe)}, ${origin}` });
  const initial = initialParameters(config, {
    seed,
    unigramCounts: corpus.counts.unigrams,
    neighbourOffsets: recipe.neighbourOffsets,
    ...(startsFromCounts ? { counts: trainingCounts(corpus.counts, tokenizer, seed) } : {}),
  });
  report({ type: 'stage', stage: 'train', detail: describeBudget(budget) });
  const vocabulary = maskingVocabulary(tokenizer);
  const stepsPerRun = planStepsPerRun(config, shape);
  const watch = maskingWatch(masker, { engine, config, data: corpus.train, vocabulary, seed, stepsPerRun });
  const batching = { plan, seed, vocabulary, policy: masker.policyAt(0), masker, microBatches };
  const order = new EpochOrder(corpus.train.count, seed);
  const progress = new ProgressReporter(recipe, report);
  return runTraining({
    engine,
    step: trainingStep(config, shape, { ...recipe, specialIds: tokenizer.specialIds }),
    shape,
    initial,
    batchAt: (index) => makeBatch(corpus.train, order, index, batching),
    optimizer: recipe.optimizer,
    schedule: recipe.schedule,
    budget,
    stepsPerRun,
    watch,
    onSteps: (steps) => progress.update(steps),
    ...(options.signal ? { signal: options.signal } : {}),
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
  ) {}

  update(steps: StepsReport): void {
    for (const [index, loss] of steps.lossNats.entries()) {
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
      elapsedMs: steps.elapsedMs,
      remainingMs: (steps.totalSteps - steps.step) * msPerStep,
    });
  }
}

/** The recipe of a run: defaults, and what the options change. */
export function recipeFor(options: TrainOptions): Recipe {
  const { schedule } = defaultRecipe;
  const hidden = options.hidden ?? defaultRecipe.hidden;
  return {
    ...defaultRecipe,
    hidden,
    layers: options.layers ?? defaultRecipe.layers,
    heads: options.heads ?? defaultHeads(hidden),
    feedForward: options.feedForward ?? 2 * hidden,
    vocabSize: options.vocabSize ?? defaultRecipe.vocabSize,
    sequenceLength: options.sequenceLength ?? defaultRecipe.sequenceLength,
    batchSize: options.batchSize ?? defaultRecipe.batchSize,
    ...(options.microBatchSize === undefined ? {} : { microBatchSize: options.microBatchSize }),
    maskRate: largestRate(maskingConfigOf(options).rate),
    ...(options.optimizer === 'muon' ? { muon: { momentum: 0.95 } } : {}),
    schedule: { ...schedule, peak: options.learningRate ?? schedule.peak },
  };
}

/** Heads of 64 channels where that divides the width, at least two. */
function defaultHeads(hidden: number): number {
  return hidden % 64 === 0 ? Math.max(2, hidden / 64) : 2;
}

/** The configuration of the model that a recipe builds for a corpus. */
export function modelConfig(recipe: Recipe, { tokenizer }: PreparedCorpus): ModernBertConfig {
  const config: ModernBertConfig = {
    vocabSize: tokenizer.vocabSize,
    hiddenSize: recipe.hidden,
    numHiddenLayers: recipe.layers,
    numAttentionHeads: recipe.heads,
    intermediateSize: recipe.feedForward,
    hiddenActivation: recipe.activation,
    classifierActivation: recipe.headActivation,
    maxPositionEmbeddings: recipe.sequenceLength,
    normEps: 1e-5,
    ropeTheta: recipe.ropeTheta,
    attentionBias: true,
    classifierBias: true,
    initializerRange: recipe.initializerRange,
    padTokenId: tokenizer.special.pad,
    clsTokenId: tokenizer.special.cls,
    sepTokenId: tokenizer.special.sep,
    maskTokenId: tokenizer.special.mask,
  };
  checkConfig(config);
  return config;
}

/** Count initialisation needs two neighbour heads, and more words than dimensions to say something about them. */
export function canStartFromCounts(recipe: Recipe, vocabSize: number): boolean {
  return recipe.startsFromCounts && recipe.heads >= 2 && vocabSize >= 2 * recipe.hidden;
}

function budgetOf({ budgetMs, steps, plan }: TrainOptions): Budget {
  if ([budgetMs, steps, plan].filter((given) => given !== undefined).length > 1) {
    throw new ConfigError('give a budget of time, a number of steps or the plan of an earlier run, not two');
  }
  if (steps !== undefined) return { steps };
  if (plan !== undefined) return { plan };
  return { ms: budgetMs ?? DEFAULT_BUDGET_MS };
}

function describeModel({ layers, hidden, heads, feedForward }: Recipe): string {
  return `ModernBERT, ${layers} layers, hidden ${hidden}, ${heads} heads, feed-forward ${feedForward}`;
}

function describeBudget(budget: Budget): string {
  if ('ms' in budget) return `${(budget.ms / 1000).toFixed(0)} seconds`;
  return 'steps' in budget ? `${budget.steps} steps` : 'the course of an earlier run';
}

interface Summary {
  readonly options: TrainOptions;
  readonly recipe: Recipe;
  readonly config: ModernBertConfig;
  readonly corpus: PreparedCorpus;
  readonly outcome: TrainingOutcome;
  readonly seed: number;
  readonly heldOut: TrainResult['heldOut'];
  readonly started: number;
}

function summarise({ options, recipe, config, outcome, seed, heldOut, started }: Summary): TrainResult {
  const tokens = outcome.steps * recipe.batchSize * recipe.sequenceLength;
  return {
    modelDir: options.out,
    interrupted: outcome.interrupted,
    seed,
    steps: outcome.steps,
    tokens,
    parameters: [...outcome.parameters.values()].reduce((sum, { data }) => sum + data.length, 0),
    trainMs: outcome.elapsedMs,
    totalMs: performance.now() - started,
    tokensPerSecond: (1000 * tokens) / outcome.elapsedMs,
    config: {
      layers: recipe.layers,
      hidden: recipe.hidden,
      heads: recipe.heads,
      feedForward: recipe.feedForward,
      vocabSize: config.vocabSize,
      sequenceLength: recipe.sequenceLength,
      batchSize: recipe.batchSize,
      learningRate: recipe.schedule.peak,
      maskRate: recipe.maskRate,
    },
    heldOut,
  };
}
