import { withModel } from '../ask/index.js';
import { decodeNgramCounts } from '../baselines/index.js';
import { packDocuments, readCorpus } from '../data/index.js';
import { scoreWholeWords } from '../infer/index.js';
import { scoreHeldOut } from './held-out.js';
import type { EvaluateOptions, Evaluation } from './types.js';

/** File of a model directory that holds the training split's n-gram counts. */
export const BASELINES_FILE = 'baselines.bin';

/** Masking rate of every evaluation unless another is asked for, so that figures compare. */
export const EVALUATION_MASK_RATE = 0.15;

/**
 * Masks a corpus by seed and scores a model on it, beside the baselines stored with the model on the very same
 * positions; with `wholeWords` also on whole words, by which models with different vocabularies compare.
 */
export async function evaluate(options: EvaluateOptions): Promise<Evaluation> {
  const report = options.onEvent ?? (() => undefined);
  return withModel(options.model, async ({ opened, model, predictor }) => {
    report({ type: 'stage', stage: 'read', detail: options.paths.join(' ') });
    const documents = await readCorpus(options.paths, options.corpus);
    const { tokenizer } = opened;
    report({ type: 'stage', stage: 'encode', detail: `${documents.length} documents` });
    const data = packDocuments(documents, {
      sequenceLength: model.maxTokens,
      encodeIds: (text) => tokenizer.encodeIds(text),
      clsId: tokenizer.special.cls,
      sepId: tokenizer.special.sep,
    });
    const stored = await opened.extra(BASELINES_FILE);
    report({
      type: 'stage',
      stage: 'evaluate',
      detail: `${data.count} sequences of ${data.sequenceLength} tokens`,
    });
    const seed = options.seed ?? 0;
    const masked = await scoreHeldOut({
      predictor,
      tokenizer,
      data,
      seed,
      maskRate: options.maskRate ?? EVALUATION_MASK_RATE,
      counts: stored ? decodeNgramCounts(stored, `${options.model}/${BASELINES_FILE}`) : undefined,
    });
    const { wholeWords: share } = options;
    if (share === undefined) return masked;
    report({ type: 'stage', stage: 'evaluate', detail: 'whole words' });
    const texts = documents.map(({ text }) => text);
    return { ...masked, wholeWords: await scoreWholeWords(predictor, tokenizer, texts, { seed, share }) };
  });
}
