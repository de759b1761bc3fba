import { Predictor } from '../infer/index.js';
import type { MaskingConfig } from '../masking/index.js';
import type { Engine } from '../runtime/index.js';
import type { Recipe, StepsReport } from '../train/index.js';
import { EVALUATION_MASK_RATE } from './evaluate.js';
import { trainModel } from './fit.js';
import { scoreHeldOut } from './held-out.js';
import { createMasker } from './masking.js';
import { newModel } from './new-model.js';
import type { PreparedCorpus } from './prepare.js';

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
  const { tokenizer, heldOut } = corpus;
  const { specialIds } = tokenizer;
  const model = newModel(recipe, corpus);
  const squaredNorms: number[] = [];
  const afterSteps = async ({ gradientNorm }: StepsReport) => {
    squaredNorms.push(...gradientNorm.map((norm) => norm ** 2));
    return { kind: 'continue' } as const;
  };
  const outcome = await trainModel({
    engine,
    recipe,
    model,
    masker: createMasker(masking, corpus, { steps }),
    corpus,
    seed,
    begin: async () => ({ budget: { steps }, hooks: { afterSteps } }),
    report: () => undefined,
  });
  const predictor = new Predictor(engine, { model, parameters: outcome.parameters, specialIds });
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
