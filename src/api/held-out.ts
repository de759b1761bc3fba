import { type NgramCounts, scoreBaselines } from '../baselines/index.js';
import { FormatError } from '../core/index.js';
import { type BatchPlan, evaluationBatches, type PackedSequences } from '../data/index.js';
import { type Predictor, scoreMasked } from '../infer/index.js';
import { bertPolicy, type MaskingVocabulary, maskedCountBound } from '../masking/index.js';
import type { Tokenizer } from '../tokenize/index.js';
import type { EvaluationResult } from './types.js';

/** Rows of one evaluation batch. */
const BATCH_SIZE = 16;

/** Special tokens that every packed row holds: [CLS] and [SEP]. */
const EDGE_TOKENS = 2;

export interface HeldOutQuestion {
  readonly predictor: Predictor;
  readonly tokenizer: Tokenizer;
  readonly data: PackedSequences;
  readonly seed: number;
  readonly maskRate: number;
  readonly counts: NgramCounts | undefined;
}

/** What masking needs to know of a tokenizer. */
export function maskingVocabulary({ vocabSize, specialIds, special }: Tokenizer): MaskingVocabulary {
  return { vocabSize, specialIds, maskId: special.mask };
}

/** Sizes of batches of `batchSize` rows of `sequenceLength` tokens at a masking rate. */
export function planBatches(batchSize: number, sequenceLength: number, maskRate: number): BatchPlan {
  const predictionsPerBatch = batchSize * maskedCountBound(sequenceLength, maskRate, EDGE_TOKENS);
  return { batchSize, sequenceLength, predictionsPerBatch };
}

/** Model and baselines on the very same masked positions, which the seed fixes. */
export async function scoreHeldOut(question: HeldOutQuestion): Promise<EvaluationResult> {
  const { predictor, tokenizer, data, seed, maskRate, counts } = question;
  const plan = planBatches(Math.min(BATCH_SIZE, data.count), data.sequenceLength, maskRate);
  const policy = bertPolicy(maskRate);
  const batches = [
    ...evaluationBatches(data, { plan, seed, vocabulary: maskingVocabulary(tokenizer), policy }),
  ];
  const shape = { ...plan, predictions: plan.predictionsPerBatch };
  const scores = await scoreMasked(predictor, batches, shape, tokenByteLength(tokenizer));
  if (!counts) return scores;
  if (counts.vocabSize !== tokenizer.vocabSize) {
    throw new FormatError(
      `the stored n-gram counts are of ${counts.vocabSize} ids, the tokenizer has ${tokenizer.vocabSize}: they are of another model`,
    );
  }
  return {
    ...scores,
    baselines: scoreBaselines(counts, batches, { plan, policy, maskId: tokenizer.special.mask }),
  };
}

/** UTF-8 bytes of the text that a token stands for, its continuation prefix left out. */
export function tokenByteLength(tokenizer: Tokenizer): (id: number) => number {
  const encoder = new TextEncoder();
  return (id) => encoder.encode((tokenizer.idToToken(id) ?? '').replace(/^##(?=.)/, '')).length;
}
