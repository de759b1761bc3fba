import type { StepSpec } from '../graph/index.js';
import { Predictor } from '../infer/index.js';
import type { MaskingConfig } from '../masking/index.js';
import type { LanguageModel } from '../model/index.js';
import type { Engine } from '../runtime/index.js';
import { formatTokenizerJson } from '../tokenize/index.js';
import type { Recipe } from '../train/index.js';
import type { HeldOutMeasure } from './checkpointing.js';
import { EVALUATION_MASK_RATE } from './evaluate.js';
import { scoreHeldOut } from './held-out.js';
import { isPlainMasking } from './masking.js';
import type { PreparedCorpus } from './prepare.js';
import type { RunIdentity } from './run-session.js';

interface RunParts {
  readonly seed: number;
  readonly threads: number;
  readonly corpus: PreparedCorpus;
  readonly recipe: Recipe;
  readonly masking: MaskingConfig;
  readonly step: StepSpec;
}

/** What the numbers of a run depend on, from its parts. */
export function runIdentity({ seed, threads, corpus, recipe, masking, step }: RunParts): RunIdentity {
  return {
    masking: isPlainMasking(masking, recipe.maskRate) ? undefined : masking,
    seed,
    threads,
    corpus: corpus.facts.fingerprint,
    dedupThreshold: corpus.facts.dedupThreshold,
    tokenizer: formatTokenizerJson(corpus.tokenizer.toJSON()),
    recipe,
    state: [...step.state].map(([name, { dtype, shape }]) => ({ name, dtype, shape })),
  };
}

interface MeasureParts {
  readonly engine: Engine;
  readonly model: LanguageModel;
  readonly corpus: PreparedCorpus;
  readonly seed: number;
}

/** Measures parameters on the held-out documents, under the masks of the final evaluation. */
export function heldOutMeasure({ engine, model, corpus, seed }: MeasureParts): HeldOutMeasure {
  const { tokenizer, heldOut: data } = corpus;
  return async (parameters) => {
    const predictor = new Predictor(engine, { model, parameters, specialIds: tokenizer.specialIds });
    try {
      return await scoreHeldOut({
        predictor,
        tokenizer,
        data,
        seed,
        maskRate: EVALUATION_MASK_RATE,
        counts: undefined,
      });
    } finally {
      await predictor.release();
    }
  };
}
