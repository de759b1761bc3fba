import type { NgramCounts } from '../baselines/index.js';
import { RandomPurpose, RandomStream } from '../core/index.js';
import type { TrainingCounts } from '../model/index.js';
import type { Tokenizer } from '../tokenize/index.js';

/** Triples by which the scale of the initial logits is set. */
const SAMPLE_SIZE = 200;

/** N-gram counts as the model's initialisation wants them; the seed draws the sample of triples. */
export function trainingCounts(counts: NgramCounts, tokenizer: Tokenizer, seed: number): TrainingCounts {
  const { vocabSize: V, specialIds, unigrams, bigrams } = counts;
  const { cls, sep } = tokenizer.special;
  return {
    unigrams,
    specialIds,
    silentIds: specialIds.filter((id) => id !== cls && id !== sep),
    pairs: {
      first: Uint32Array.from(bigrams.keys, (key) => Math.floor(key / V)),
      second: Uint32Array.from(bigrams.keys, (key) => key % V),
      counts: Float64Array.from(bigrams.counts),
    },
    triples: sampleTriples(counts, seed),
  };
}

/** Triples in proportion to their counts, those with an ordinary token in the middle. */
function sampleTriples(
  { vocabSize: V, specialIds, trigrams }: NgramCounts,
  seed: number,
): TrainingCounts['triples'] {
  const random = new RandomStream(seed, RandomPurpose.sampling);
  const total = trigrams.counts.reduce((sum, count) => sum + count, 0);
  const ranks = Array.from({ length: SAMPLE_SIZE }, () => random.nextFloat() * total).sort((a, b) => a - b);
  const keys: number[] = [];
  let [entry, seen] = [-1, 0];
  for (const rank of ranks) {
    while (seen <= rank && entry + 1 < trigrams.keys.length) seen += trigrams.counts[++entry] as number;
    keys.push(trigrams.keys[entry] as number);
  }
  const triples = keys.map((key) => ({
    left: Math.floor(key / (V * V)),
    word: Math.floor(key / V) % V,
    right: key % V,
  }));
  return triples.filter(({ word }) => !specialIds.includes(word));
}
