import type { NgramCounts } from './counts.js';

/** Add-one smoothing over the ids that may be predicted. */
export function smoothedUnigram({
  unigrams,
  specialIds,
}: Pick<NgramCounts, 'unigrams' | 'specialIds'>): Float64Array {
  const smoothed = unigrams.map((count) => count + 1);
  for (const id of specialIds) smoothed[id] = 0;
  return normalise(smoothed);
}

/** Divides by the sum, in place. */
export function normalise(weights: Float64Array): Float64Array {
  let sum = 0;
  for (let id = 0; id < weights.length; id++) sum += weights[id] as number;
  for (let id = 0; id < weights.length; id++) weights[id] = (weights[id] as number) / sum;
  return weights;
}
