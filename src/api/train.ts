import { LacunaError } from '../core/index.js';
import { assertWritableTarget } from '../hub/index.js';
import { Predictor } from '../infer/index.js';
import type { LanguageModel } from '../model/index.js';
import { Engine } from '../runtime/index.js';
import type { Recipe, TrainingOutcome } from '../train/index.js';
import { EVALUATION_MASK_RATE } from './evaluate.js';
import { newModel, trainModel } from './fit.js';
import { scoreHeldOut } from './held-out.js';
import { type PreparedCorpus, prepareCorpus, readDocuments } from './prepare.js';
import { budgetOf, recipeFor } from './recipe.js';
import { saveTrained } from './save-trained.js';
import type { TrainOptions, TrainResult } from './types.js';

/**
 * Trains a tokenizer and a masked language model from nothing, measures it on held-out documents beside the baselines,
 * and writes a model directory. Nothing is written before training is done; an abort ends training early and saves
 * what was reached. Throws a LacunaError that says where, what was expected and what to do.
 */
export async function train(options: TrainOptions): Promise<TrainResult> {
  const started = performance.now();
  const report = options.onEvent ?? (() => undefined);
  const budget = budgetOf(options);
  const seed = options.seed ?? 0;
  const target = { overwrite: options.overwrite ?? false };
  await assertWritableTarget(options.out, target);

  const engine = new Engine(options.threads === undefined ? {} : { threads: options.threads });
  try {
    const documents = await readDocuments(options.paths, report);
    const recipe = await recipeFor(options, budget, documents.facts, engine, report);
    const corpus = await prepareCorpus(documents, recipe, report);
    const model = newModel(recipe, corpus);
    const { signal } = options;
    const run = { engine, recipe, model, corpus, budget, seed, report };
    const outcome = await trainModel(signal ? { ...run, signal } : run);
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
    await saveTrained(result, { corpus, model, outcome, budget, threads: engine.threads, target });
    return result;
  } finally {
    await engine.close();
  }
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
