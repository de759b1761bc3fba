import { ConfigError } from '../core/index.js';
import { type PackedSequences, rowsWithin, sampleRows } from '../data/index.js';
import type { MaskingVocabulary } from '../masking/index.js';
import { countRuns, mergeRuns, type Runs } from './runs.js';

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

/** Most tokens that are counted: a corpus larger than that is counted on a sample, so that memory stays bounded. */
const MAX_COUNTED_TOKENS = 2 ** 23;

/** Tokens whose n-grams are sorted at once. */
const BLOCK_TOKENS = 2 ** 20;

/**
 * Counts single tokens, pairs and triples of neighbours inside rows; [CLS] and [SEP] count as neighbours. Of more than
 * `maxTokens` tokens (8,388,608 unless told) as many rows are counted as hold that many, drawn without a seed of the run's,
 * so that the same rows give the same counts. Throws a ConfigError for a vocabulary too large for the keys of triples.
 */
export function countNgrams(
  data: PackedSequences,
  vocabulary: MaskingVocabulary,
  maxTokens?: number,
): NgramCounts {
  const counting = countNgramsInTurns(data, vocabulary, maxTokens);
  for (;;) {
    const { done, value } = counting.next();
    if (done) return value;
  }
}

/** What {@link countNgrams} does, a block of about a million tokens at a turn, so that its caller can do something between. */
export function* countNgramsInTurns(
  data: PackedSequences,
  { vocabSize: V, specialIds }: MaskingVocabulary,
  maxTokens = MAX_COUNTED_TOKENS,
): Generator<undefined, NgramCounts> {
  if (V > MAX_VOCAB_SIZE) {
    throw new ConfigError(`n-gram counts need a vocabulary of at most ${MAX_VOCAB_SIZE} ids, got ${V}`);
  }
  const unigrams = new Float64Array(V);
  let [bigrams, trigrams] = [countRuns(new Float64Array()), countRuns(new Float64Array())];
  for (const block of blocksOf(sampleRows(data, maxTokens), data.sequenceLength)) {
    for (const id of block) unigrams[id] = (unigrams[id] as number) + 1;
    bigrams = mergeRuns(bigrams, countRuns(ngramKeys(block, data.sequenceLength, V, 2)));
    trigrams = mergeRuns(trigrams, countRuns(ngramKeys(block, data.sequenceLength, V, 3)));
    yield;
  }
  for (const id of specialIds) unigrams[id] = 0;
  return { vocabSize: V, specialIds, unigrams, bigrams, trigrams };
}

/** Tokens that `countNgrams` counts of a corpus. */
export function countedTokens({ count, sequenceLength }: PackedSequences): number {
  return Math.min(count, rowsWithin(MAX_COUNTED_TOKENS, sequenceLength)) * sequenceLength;
}

/** Whole rows one after the other, about `BLOCK_TOKENS` ids at a time; a block is overwritten by the next. */
function* blocksOf(rows: Iterable<Int32Array>, T: number): Generator<Int32Array, void> {
  const block = new Int32Array(rowsWithin(BLOCK_TOKENS, T) * T);
  let used = 0;
  for (const row of rows) {
    block.set(row, used);
    used += T;
    if (used < block.length) continue;
    yield block;
    used = 0;
  }
  if (used > 0) yield block.subarray(0, used);
}

/** The key of every n-gram inside a row: its ids as the digits of a number in base V. */
function ngramKeys(ids: Int32Array, T: number, V: number, n: number): Float64Array {
  const keys = new Float64Array((ids.length / T) * Math.max(0, T - n + 1));
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
