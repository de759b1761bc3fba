import { fillText } from '../infer/index.js';
import { withModel } from './model-session.js';
import type { FillOptions, FillResult } from './types.js';

const DEFAULT_TOP_K = 5;

/**
 * Fills every mask of a text with the most probable tokens: a list of candidates for one mask, a list of lists for
 * several masks or several texts. Throws a DataError for a text without a mask.
 */
export async function fill(options: FillOptions): Promise<FillResult> {
  const texts = typeof options.text === 'string' ? [options.text] : options.text;
  return withModel(options.model, async ({ opened, model, predictor }) => {
    const settings = { topK: options.topK ?? DEFAULT_TOP_K, maxTokens: model.maxTokens };
    const masks = [];
    for (const text of texts) masks.push(...(await fillText(predictor, opened.tokenizer, text, settings)));
    return masks.length === 1 && masks[0] ? masks[0] : masks;
  });
}
