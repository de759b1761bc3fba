import { cutOrder, cutRows, EpochOrder, makeBatch } from '../data/index.js';
import { bertPolicy, type Masker } from '../masking/index.js';
import type { LanguageModel } from '../model/index.js';
import {
  planMicroBatches,
  type Recipe,
  rampStages,
  type Stage,
  type StepSource,
  type TrainingStage,
  trainingStep,
} from '../train/index.js';
import { leavingOut } from './counted-evidence.js';
import { maskingVocabulary, planBatches } from './held-out.js';
import type { PreparedCorpus } from './prepare.js';

interface StepParts {
  readonly recipe: Recipe;
  readonly model: LanguageModel;
  readonly masker?: Masker;
  readonly corpus: PreparedCorpus;
  readonly seed: number;
}

/** The steps of a run: those of the recipe's own sizes, and the stages of its ramps before them. */
export function trainingSteps(parts: StepParts): {
  readonly last: StepSource;
  readonly stages: readonly TrainingStage[];
} {
  const order = new EpochOrder(parts.corpus.train.count, parts.seed);
  const all = rampStages(parts.recipe).map((stage) => ({
    untilStep: stage.untilStep,
    ...stageSource(parts, stage, order),
  }));
  return { last: all.at(-1) as TrainingStage, stages: all.slice(0, -1) };
}

function stageSource(
  { recipe, model, masker, corpus, seed }: StepParts,
  stage: Stage,
  order: EpochOrder,
): StepSource {
  const { batchSize, sequenceLength, pieces, fromStep, firstPiece } = stage;
  const wanted = recipe.microBatchSize && Math.min(recipe.microBatchSize, batchSize);
  const { microBatchSize, microBatches } = planMicroBatches({ ...recipe, batchSize, sequenceLength }, wanted);
  const plan = planBatches(microBatchSize, sequenceLength, recipe.maskRate);
  const shape = { ...plan, predictions: plan.predictionsPerBatch, microBatches };
  const vocabulary = maskingVocabulary(corpus.tokenizer);
  const batching = { plan, seed, vocabulary, policy: bertPolicy(recipe.maskRate), masker, microBatches };
  const rows = cutRows(corpus.train, sequenceLength, pieces);
  const ordered = cutOrder(order, pieces, { firstPiece, firstIndex: fromStep * batchSize });
  const batchAt = (index: number) => makeBatch(rows, ordered, index, batching);
  return {
    step: trainingStep(model, shape, { ...recipe, specialIds: corpus.tokenizer.specialIds }),
    shape,
    batchAt: model.knowsCounts ? leavingOut(corpus, sequenceLength, batchAt) : batchAt,
  };
}
