import { ConfigError } from '../core/index.js';
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

/** Largest V whose triples have keys that float64 holds exactly. */
const MAX_VOCAB_SIZE = Math.floor(Math.cbrt(Number.MAX_SAFE_INTEGER));

/**
 * Counts single tokens, pairs and triples of neighbours inside rows; [CLS] and [SEP] count as neighbours. Throws a
 * ConfigError for a vocabulary too large for the keys of triples.
 */
export function countNgrams(data: PackedSequences, vocabulary: MaskingVocabulary): NgramCounts {
  const { vocabSize: V, specialIds } = vocabulary;
  if (V > MAX_VOCAB_SIZE) {
    throw new ConfigError(`n-gram counts need a vocabulary of at most ${MAX_VOCAB_SIZE} ids, got ${V}`);
  }
  const unigrams = new Float64Array(V);
  for (const id of data.ids) unigrams[id] = (unigrams[id] as number) + 1;
  for (const id of specialIds) unigrams[id] = 0;
  return {
    vocabSize: V,
    specialIds,
    unigrams,
    bigrams: countRuns(ngramKeys(data, V, 2)),
    trigrams: countRuns(ngramKeys(data, V, 3)),
  };
}

/** The key of every n-gram inside a row: its ids as the digits of a number in base V. */
function ngramKeys({ ids, count, sequenceLength: T }: PackedSequences, V: number, n: number): Float64Array {
  const keys = new Float64Array(count * (T - n + 1));
  let next = 0;
  for (let row = 0; row < ids.length; row += T) {
    for (let start = row; start + n <= row + T; start++) {
      let key = 0;
      for (let offset = 0; offset < n; offset++) key = key * V + (ids[start + offset] as number);
      keys[next++] = key;
    }
  }
  return keys;
}
