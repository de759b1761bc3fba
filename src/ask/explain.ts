import { type Explanation, explainMask } from '../infer/index.js';
import type { ModelOptions } from './fill.js';
import { withModel } from './model-session.js';

export interface ExplainTextOptions extends ModelOptions {
  readonly text: string;
  /** Which mask, from 0; the first by default. */
  readonly mask?: number;
  /** The token whose log-probability is explained; the likeliest by default. */
  readonly target?: string;
  /** Points of the integral, 32 by default. */
  readonly steps?: number;
}

/** Why a model expects a token at a mask: gradients, occlusion, attention. */
export async function explain(options: ExplainTextOptions): Promise<Explanation> {
  const { text, mask = 0, target, steps = 32 } = options;
  const settings = { mask, steps, ...(target !== undefined && { target }) };
  return withModel(
    options.model,
    ({ engine, predictor, opened }) => explainMask(engine, predictor, opened.tokenizer, text, settings),
    options.threads,
  );
}
