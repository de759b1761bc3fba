import { ConfigError, LacunaError } from '../core/index.js';
import { EpochOrder, makeBatch } from '../data/index.js';
import { assertWritableTarget } from '../hub/index.js';
import { Predictor } from '../infer/index.js';
import { bertPolicy } from '../masking/index.js';
import { initialParameters, type LanguageModel, modernBert } from '../model/index.js';
import { Engine } from '../runtime/index.js';
import {
  type Budget,
  defaultRecipe,
  planMicroBatches,
  planStepsPerRun,
  type Recipe,
  runTraining,
  type StepsReport,
  type TrainingOutcome,
  trainingStep,
} from '../train/index.js';
import { RunKeeper } from './checkpointing.js';
import { EVALUATION_MASK_RATE } from './evaluate.js';
import { maskingVocabulary, planBatches, scoreHeldOut } from './held-out.js';
import { type PreparedCorpus, prepareCorpus } from './prepare.js';
import { heldOutMeasure, runIdentity } from './run-identity.js';
import { RunSession } from './run-session.js';
import { saveTrained } from './save-trained.js';
import { trainingCounts } from './training-counts.js';
import type { ProgressEvent, TrainEvent, TrainOptions, TrainResult } from './types.js';

const DEFAULT_BUDGET_MS = 120_000;

/**
 * Trains a tokenizer and a masked language model from nothing, measures it on held-out documents beside the baselines,
 * and writes a model directory. Its checkpoints and logs are in a run directory beside it, OUT.run, from which `resume`
 * goes on bit for bit; an abort ends training early and saves what was reached. Throws a LacunaError that says where,
 * what was expected and what to do.
 */
export async function train(options: TrainOptions): Promise<TrainResult> {
  budgetOf(options);
  await assertWritableTarget(options.out, { overwrite: options.overwrite || options.resume || false });
  const session = await RunSession.open(options);
  try {
    return await trainIn(session);
  } catch (error) {
    session.fail(error);
    throw error;
  } finally {
    await session.close();
  }
}

async function trainIn(session: RunSession): Promise<TrainResult> {
  const { options } = session;
  const started = performance.now();
  const report = options.onEvent ?? (() => undefined);
  const recipe = recipeFor(options);
  const seed = options.seed ?? 0;
  const corpus = await prepareCorpus({ paths: options.paths, ...recipe }, report);
  const model = newModel(recipe, corpus);
  const engine = new Engine(options.threads === undefined ? {} : { threads: options.threads });
  try {
    const parts = { session, engine, recipe, model, corpus, seed, options, report };
    const { outcome, budget } = await trainModel(parts);
    if (outcome.steps === 0)
      throw new LacunaError('interrupted', 'interrupted before the first step: nothing saved');
    report({ type: 'stage', stage: 'evaluate', detail: `${corpus.heldOut.count} held-out sequences` });
    const { specialIds } = corpus.tokenizer;
    const heldOut = await scoreHeldOut({
      predictor: new Predictor(engine, { model, parameters: outcome.parameters, specialIds }),
      tokenizer: corpus.tokenizer,
      data: corpus.heldOut,
      seed,
      maskRate: EVALUATION_MASK_RATE,
      counts: corpus.counts,
    });
    report({ type: 'stage', stage: 'save', detail: options.out });
    const result = summarise({ options, recipe, model, corpus, outcome, seed, heldOut, started });
    const target = { overwrite: options.overwrite ?? false };
    await saveTrained(result, { corpus, model, outcome, budget, threads: engine.threads, target });
    if (!outcome.interrupted) await session.finish(outcome);
    return result;
  } finally {
    await engine.close();
  }
}

interface ModelTraining {
  readonly session: RunSession;
  readonly engine: Engine;
  readonly recipe: Recipe;
  readonly model: LanguageModel;
  readonly corpus: PreparedCorpus;
  readonly seed: number;
  readonly options: TrainOptions;
  readonly report: (event: TrainEvent) => void;
}

async function trainModel(
  training: ModelTraining,
): Promise<{ readonly outcome: TrainingOutcome; readonly budget: Budget }> {
  const { session, engine, recipe, model, corpus, seed, options, report } = training;
  const { tokenizer } = corpus;
  const { microBatchSize, microBatches } = planMicroBatches(recipe, recipe.microBatchSize);
  const plan = planBatches(microBatchSize, recipe.sequenceLength, recipe.maskRate);
  const shape = { ...plan, predictions: plan.predictionsPerBatch, microBatches };
  const startsFromCounts = canStartFromCounts(recipe, tokenizer.vocabSize);
  const origin = startsFromCounts ? "from the corpus's own counts" : 'at random';
  report({ type: 'stage', stage: 'initialise', detail: `${describeModel(recipe)}, ${origin}` });
  const initial = initialParameters(model, {
    seed,
    unigramCounts: corpus.counts.unigrams,
    neighbourOffsets: recipe.neighbourOffsets,
    ...(startsFromCounts ? { counts: trainingCounts(corpus.counts, tokenizer, seed) } : {}),
  });
  const step = trainingStep(model, shape, { ...recipe, specialIds: tokenizer.specialIds });
  const identity = { seed, threads: engine.threads, corpus, recipe, step };
  const run = await session.begin(runIdentity(identity), budgetOf(options), report);
  const measure = heldOutMeasure({ engine, model, corpus, seed });
  const keeper = new RunKeeper(session, run, report, measure);
  report({ type: 'stage', stage: 'train', detail: describeBudget(run.budget) });
  const vocabulary = maskingVocabulary(tokenizer);
  const policy = bertPolicy(recipe.maskRate);
  const order = new EpochOrder(corpus.train.count, seed);
  const progress = new ProgressReporter(recipe, report, () => keeper.lastWritten);
  const outcome = await runTraining({
    engine,
    step,
    shape,
    initial,
    batchAt: (index) => makeBatch(corpus.train, order, index, { plan, seed, vocabulary, policy }),
    optimizer: recipe.optimizer,
    schedule: recipe.schedule,
    budget: run.budget,
    stepsPerRun: Math.min(planStepsPerRun(model, shape), keeper.longestRun),
    onSteps: (steps) => progress.update(steps),
    hooks: keeper,
    ...(options.signal ? { signal: options.signal } : {}),
  });
  return { outcome: await keeper.bestOf(outcome), budget: run.budget };
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
    private readonly checkpoint: () => Pick<ProgressEvent, 'lastCheckpointStep'>,
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
      gradientNorm: steps.gradientNorm.at(-1) ?? Number.NaN,
      memoryBytes: process.memoryUsage.rss(),
      ...this.checkpoint(),
      elapsedMs: steps.elapsedMs,
      remainingMs: (steps.totalSteps - steps.step) * msPerStep,
    });
  }
}

function recipeFor(options: TrainOptions): Recipe {
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
    maskRate: options.maskRate ?? defaultRecipe.maskRate,
    ...(options.optimizer === 'muon' ? { muon: { momentum: 0.95 } } : {}),
    schedule: { ...schedule, peak: options.learningRate ?? schedule.peak },
  };
}

/** Heads of 64 channels where that divides the width, at least two. */
function defaultHeads(hidden: number): number {
  return hidden % 64 === 0 ? Math.max(2, hidden / 64) : 2;
}

function newModel(recipe: Recipe, { tokenizer }: PreparedCorpus): LanguageModel {
  return modernBert.of({
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
  });
}

/** Count initialisation needs two neighbour heads, and more words than dimensions to say something about them. */
function canStartFromCounts(recipe: Recipe, vocabSize: number): boolean {
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
  readonly model: LanguageModel;
  readonly corpus: PreparedCorpus;
  readonly outcome: TrainingOutcome;
  readonly seed: number;
  readonly heldOut: TrainResult['heldOut'];
  readonly started: number;
}

function summarise({ options, recipe, model, outcome, seed, heldOut, started }: Summary): TrainResult {
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
      vocabSize: model.config.vocabSize,
      sequenceLength: recipe.sequenceLength,
      batchSize: recipe.batchSize,
      learningRate: recipe.schedule.peak,
      maskRate: recipe.maskRate,
    },
    heldOut,
  };
}
