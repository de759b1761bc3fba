import type { PackedSequences } from '../data/index.js';
import type { MaskingVocabulary } from '../masking/index.js';
import { countRuns, type Runs } from './runs.js';

/** N-gram counts of a training split. */
export interface NgramCounts {
  /** V */
  readonly vocabSize: number;
  /** Ids that are never predicted; as neighbours they count. */
  readonly specialIds: readonly number[];
  /** Occurrences of every id, f64[V]; 0 for special ids. */
  readonly unigrams: Float64Array;
  /** Pairs (a, b) of neighbours, key a * V + b. */
  readonly bigrams: Runs;
  /** Triples (a, b, c) of neighbours, key (a * V + b) * V + c. */
  readonly trigrams: Runs;
}

/** Counts single tokens, pairs and triples of neighbours inside rows; [CLS] and [SEP] count as neighbours. */
export function countNgrams(data: PackedSequences, vocabulary: MaskingVocabulary): NgramCounts {
  const { vocabSize: V, specialIds } = vocabulary;
  const { ids, count, sequenceLength: T } = data;
  const unigrams = new Float64Array(V);
  const bigrams = new Float64Array(count * (T - 1));
  const trigrams = new Float64Array(count * (T - 2));
  let [pairs, triples] = [0, 0];
  for (let start = 0; start < ids.length; start += T) {
    for (let column = 0; column < T; column++) {
      const a = ids[start + column] as number;
      unigrams[a] = (unigrams[a] as number) + 1;
      if (column + 1 < T) bigrams[pairs++] = a * V + (ids[start + column + 1] as number);
      if (column + 2 < T) {
        trigrams[triples++] =
          (a * V + (ids[start + column + 1] as number)) * V + (ids[start + column + 2] as number);
      }
    }
  }
  for (const id of specialIds) unigrams[id] = 0;
  return { vocabSize: V, specialIds, unigrams, bigrams: countRuns(bigrams), trigrams: countRuns(trigrams) };
}
