import { withMemoryAdvice } from '../core/index.js';
import { assertWritableTarget } from '../hub/index.js';
import { Predictor } from '../infer/index.js';
import type { Masker } from '../masking/index.js';
import { type LanguageModel, parameterCount } from '../model/index.js';
import { Engine } from '../runtime/index.js';
import { type Budget, type Recipe, rampStages, type TrainingOutcome, tokensOf } from '../train/index.js';
import { RunKeeper } from './checkpointing.js';
import {
  continuedOptions,
  openStartingPoint,
  type StartingPoint,
  withExtendedVocabulary,
} from './continue.js';
import { type CorpusSource, openCorpusSource, withPreparedSizes } from './corpus-source.js';
import { EVALUATION_MASK_RATE } from './evaluate.js';
import { type ModelTraining, trainModel } from './fit.js';
import { scoreHeldOut } from './held-out.js';
import { createMasker, maskingConfigOf, maskingNeeds } from './masking.js';
import { newModel } from './new-model.js';
import type { PreparedCorpus, Report } from './prepare.js';
import { budgetOf, chosenOptions, recipeFor } from './recipe.js';
import { heldOutMeasure, runIdentity } from './run-identity.js';
import { RunSession } from './run-session.js';
import { saveTrained } from './save-trained.js';
import { goOnUnlessAborted, interruptedEarly } from './split-corpus.js';
import type { TrainOptions, TrainResult } from './types.js';

/**
 * Trains a tokenizer and a masked language model from nothing, or goes on from a model, measures it on held-out documents beside the baselines,
 * and writes a model directory. Its checkpoints and logs are in a run directory beside it, OUT.run, from which `resume`
 * goes on bit for bit; an abort ends training early and saves what was reached. Throws a LacunaError that says where,
 * what was expected and what to do.
 */
export async function train(options: TrainOptions): Promise<TrainResult> {
  budgetOf(options);
  await assertWritableTarget(options.out, { overwrite: options.overwrite || options.resume || false });
  const session = await RunSession.open(options);
  let result: TrainResult;
  try {
    result = await trainIn(session);
  } catch (error) {
    await session.fail(error);
    throw withMemoryAdvice(error);
  }
  await session.close();
  return result;
}

async function trainIn(session: RunSession): Promise<TrainResult> {
  const started = performance.now();
  const report = session.options.onEvent ?? (() => undefined);
  const opened = await openStartingPoint(session.options);
  const { paths, signal, cacheDir, corpus: reading } = session.options;
  const source = await openCorpusSource(paths, {
    ...{ report, signal, cacheDir, reading },
    scratch: session.directory,
  });
  try {
    const sized = withPreparedSizes(session.options, source);
    const options = opened ? continuedOptions(sized, opened) : sized;
    return await trainOn(session, source, { options, opened, started, report });
  } finally {
    source.close();
  }
}

interface Plan {
  readonly options: TrainOptions;
  /** What to go on from. */
  readonly opened: StartingPoint | undefined;
  readonly started: number;
  readonly report: Report;
}

async function trainOn(session: RunSession, source: CorpusSource, plan: Plan): Promise<TrainResult> {
  const { options, opened, started, report } = plan;
  const seed = options.seed ?? 0;
  const engine = new Engine(options.threads === undefined ? {} : { threads: options.threads });
  try {
    await goOnUnlessAborted(options.signal);
    const recipe = await recipeFor(options, budgetOf(options), source.facts, engine, report);
    session.resolve({
      ...chosenOptions(recipe),
      ...(options.maskRate === undefined ? {} : { maskRate: options.maskRate }),
    });
    await goOnUnlessAborted(options.signal);
    const start = opened && (await withExtendedVocabulary(opened, source, options, report));
    const masking = maskingConfigOf({ maskRate: recipe.maskRate, ...options });
    const needs = { ...recipe, ...maskingNeeds(masking), tokenizer: start?.tokenizer };
    const corpus = await source.prepare(needs, report);
    await goOnUnlessAborted(options.signal);
    const masker = createMasker(masking, corpus, budgetOf(options));
    const model = start?.model ?? newModel(recipe, corpus);
    const { outcome, budget } = await trainKept(session, {
      ...{ engine, recipe, masker, model, corpus, seed, report },
      ...(start ? { initial: start.initial } : {}),
    });
    if (outcome.steps === 0) throw interruptedEarly();
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
    await saveTrained(result, {
      ...{ corpus, model, masker, outcome, budget, target },
      ...{ threads: engine.threads, startedFrom: start?.origin },
    });
    if (!outcome.interrupted) await session.finish(outcome);
    return result;
  } finally {
    await engine.close();
  }
}

/** Trains under a session that keeps checkpoints and logs, from where it stands. */
async function trainKept(
  session: RunSession,
  parts: Omit<ModelTraining, 'begin'> & { readonly masker: Masker },
): Promise<{ readonly outcome: TrainingOutcome; readonly budget: Budget }> {
  const { engine, corpus, seed, recipe, masker, report } = parts;
  const { options } = session;
  const measure = heldOutMeasure(parts);
  let kept: { readonly keeper: RunKeeper; readonly budget: Budget } | undefined;
  const outcome = await trainModel({
    ...parts,
    measuresPeak: true,
    report: (event) => {
      if (event.type === 'progress') kept?.keeper.progress(event);
      report(event);
    },
    ...(options.signal ? { signal: options.signal } : {}),
    begin: async (step) => {
      const identity = runIdentity({
        seed,
        threads: engine.threads,
        corpus,
        recipe,
        masking: masker.config,
        step,
      });
      const run = await session.begin(identity, budgetOf(options), report);
      const keeper = new RunKeeper(session, run, report, measure, masker);
      kept = { keeper, budget: run.budget };
      const lastCheckpoint = () => keeper.lastWritten;
      return { budget: run.budget, hooks: keeper, longestRun: keeper.longestRun, lastCheckpoint };
    },
  });
  const { keeper, budget } = kept as NonNullable<typeof kept>;
  return { outcome: await keeper.bestOf(outcome), budget };
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
  const tokens = tokensOf(rampStages(recipe), outcome.steps);
  return {
    modelDir: options.out,
    interrupted: outcome.interrupted,
    seed,
    steps: outcome.steps,
    tokens,
    parameters: parameterCount(model.parameters),
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
