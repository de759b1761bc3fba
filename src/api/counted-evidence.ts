import { CountedEvidence, countedTokens, type GapQuestion } from '../baselines/index.js';
import { type Batch, sampledBatches } from '../data/index.js';
import { bertPolicy } from '../masking/index.js';
import { maskingVocabulary, planBatches } from './held-out.js';
import type { PreparedCorpus } from './prepare.js';

/** Batches of rows by which the exponents are fitted, and the share of their tokens that is masked: some 600 in each. */
const CALIBRATION_BATCHES = 60;
const BATCH_ROWS = 16;
const CALIBRATION_MASK_RATE = 0.3;

const made = new WeakMap<PreparedCorpus['counts'], CountedEvidence>();

/** What a corpus's counts say about a gap; the same for every seed of a run. It is made once for a corpus. */
export function evidenceOf(corpus: PreparedCorpus): CountedEvidence {
  const known = made.get(corpus.counts);
  if (known) return known;
  const { pad, mask } = corpus.tokenizer.special;
  const evidence = new CountedEvidence(corpus.counts, [pad, mask]);
  evidence.calibrate(calibrationBatches(corpus), gapQuestion(corpus, corpus.train.sequenceLength));
  made.set(corpus.counts, evidence);
  return evidence;
}

function calibrationBatches({ train, tokenizer }: PreparedCorpus): Iterable<Batch> {
  return sampledBatches(
    train,
    { count: CALIBRATION_BATCHES * BATCH_ROWS, step: 0 },
    {
      plan: planBatches(BATCH_ROWS, train.sequenceLength, CALIBRATION_MASK_RATE),
      seed: 0,
      vocabulary: maskingVocabulary(tokenizer),
      policy: bertPolicy(CALIBRATION_MASK_RATE),
    },
  );
}

const gapQuestion = ({ tokenizer }: PreparedCorpus, sequenceLength: number): GapQuestion => ({
  sequenceLength,
  maskId: tokenizer.special.mask,
});

/**
 * Adds to training batches what leaves every label out of the counts. Of a corpus that is too large for all of it to be
 * counted, most labels are not in the counts: then there is nothing to leave out.
 */
export function leavingOut(
  corpus: PreparedCorpus,
  sequenceLength: number,
  batchAt: (index: number) => Batch,
): (index: number) => Batch {
  const { train } = corpus;
  const evidence = evidenceOf(corpus);
  const isMostlyCounted = countedTokens(train) >= (train.count * train.sequenceLength) / 2;
  return (index) => {
    const batch = batchAt(index);
    const corrections = isMostlyCounted
      ? evidence.corrections(batch, gapQuestion(corpus, sequenceLength))
      : new Float32Array(batch.labels.length);
    return { ...batch, corrections };
  };
}
