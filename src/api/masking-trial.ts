import { EpochOrder, makeBatch } from '../data/index.js';
import { Predictor } from '../infer/index.js';
import { largestRate, type MaskingConfig } from '../masking/index.js';
import { initialParameters } from '../model/index.js';
import type { Engine } from '../runtime/index.js';
import {
  maskingWatch,
  planMicroBatches,
  planStepsPerRun,
  type Recipe,
  runTraining,
  trainingStep,
} from '../train/index.js';
import { EVALUATION_MASK_RATE } from './evaluate.js';
import { maskingVocabulary, planBatches, scoreHeldOut } from './held-out.js';
import { createMasker } from './masking.js';
import type { PreparedCorpus } from './prepare.js';
import { canStartFromCounts, modelConfig } from './train.js';
import { trainingCounts } from './training-counts.js';

/** One run of a comparison. */
export interface Trial {
  readonly recipe: Recipe;
  readonly masking: MaskingConfig;
  readonly steps: number;
  readonly seed: number;
}

export interface TrialResult {
  readonly seed: number;
  readonly steps: number;
  /** On held-out text under uniform masks at 15 %, drawn with seed 0 for all. */
  readonly lossNats: number;
  readonly accuracy: number;
  /** Means over the steps of training. */
  readonly squaredGradientNorm: number;
  readonly trainingSurprisalNats: number;
  readonly trainMs: number;
}

/** Trains a model under one masking and measures it on the held-out part; nothing is written. */
export async function runMaskingTrial(
  engine: Engine,
  corpus: PreparedCorpus,
  { recipe, masking, steps, seed }: Trial,
): Promise<TrialResult> {
  const { tokenizer, train, heldOut } = corpus;
  const { specialIds } = tokenizer;
  const config = modelConfig(recipe, corpus);
  const { microBatchSize, microBatches } = planMicroBatches(recipe, recipe.microBatchSize);
  const plan = planBatches(microBatchSize, recipe.sequenceLength, largestRate(masking.rate));
  const shape = { ...plan, predictions: plan.predictionsPerBatch, microBatches };
  const stepsPerRun = planStepsPerRun(config, shape);
  const masker = createMasker(masking, corpus, { steps });
  const vocabulary = maskingVocabulary(tokenizer);
  const watch = maskingWatch(masker, { engine, config, data: train, vocabulary, seed, stepsPerRun });
  const batching = { plan, seed, vocabulary, policy: masker.policyAt(0), masker, microBatches };
  const order = new EpochOrder(train.count, seed);
  const squaredNorms: number[] = [];
  const outcome = await runTraining({
    engine,
    step: trainingStep(config, shape, { ...recipe, specialIds }),
    shape,
    initial: initialParameters(config, {
      seed,
      unigramCounts: corpus.counts.unigrams,
      neighbourOffsets: recipe.neighbourOffsets,
      ...(canStartFromCounts(recipe, tokenizer.vocabSize)
        ? { counts: trainingCounts(corpus.counts, tokenizer, seed) }
        : {}),
    }),
    batchAt: (index) => makeBatch(train, order, index, batching),
    optimizer: recipe.optimizer,
    schedule: recipe.schedule,
    budget: { steps },
    stepsPerRun,
    watch,
    onSteps: ({ gradientNorm }) => squaredNorms.push(...gradientNorm.map((norm) => norm ** 2)),
  });
  await watch?.release();
  const predictor = new Predictor(engine, { config, parameters: outcome.parameters, specialIds });
  const scores = await scoreHeldOut({
    predictor,
    tokenizer,
    data: heldOut,
    seed: 0,
    maskRate: EVALUATION_MASK_RATE,
    counts: undefined,
  });
  await predictor.release();
  return {
    seed,
    steps: outcome.steps,
    lossNats: scores.lossNats,
    accuracy: scores.accuracy,
    squaredGradientNorm: mean(squaredNorms),
    trainingSurprisalNats: mean(outcome.lossNats),
    trainMs: outcome.elapsedMs,
  };
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
