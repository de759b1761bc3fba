import { ConfigError } from '../core/index.js';

/** Collocations of a corpus: n-grams of tokens that occur together more than their parts explain. */
export interface PmiVocabulary {
  /** The longest n. */
  readonly maxLength: number;
  /** Ids of each n-gram, joined by spaces; plain data, a function of the corpus and the options. */
  readonly ngrams: ReadonlySet<string>;
}

export interface PmiOptions {
  /** Longest n-gram, 2 to 5 in the paper. */
  readonly maxLength: number;
  /** n-grams seen less often are not considered; the paper has more than 10. */
  readonly minCount: number;
  /** How many n-grams to keep at most for each token of the vocabulary, those of the highest PMI. */
  readonly perToken: number;
}

interface Counted {
  readonly ids: readonly number[];
  readonly count: number;
}

/**
 * Collects the n-grams, n = 2 .. maxLength, of the highest pointwise mutual information, measured against the best way of
 * cutting them (Levine et al. 2021, "PMI-Masking", eq. 3):
 *
 *     PMI(w1..wn) = min over cuts into parts of log p(w1..wn) / (product over parts of p(part))
 *
 * so that a frequent pair and any token next to it are no collocation. Each length gets an equal part of the room.
 * @param rows sequences of ids; n-grams do not cross special ids
 */
export function collectPmiVocabulary(
  rows: Iterable<Int32Array>,
  specialIds: readonly number[],
  { maxLength, minCount, perToken }: PmiOptions,
): PmiVocabulary {
  if (maxLength < 2)
    throw new ConfigError(`PMI n-grams have at least 2 tokens, got a maximum of ${maxLength}`);
  const stretches = [...rows].flatMap((row) => ordinaryStretches(row, new Set(specialIds)));
  const levels = countLevels(stretches, maxLength, minCount);
  const total = stretches.reduce((sum, stretch) => sum + stretch.length, 0);
  const logProbabilities = new Map<string, number>();
  for (const level of levels) {
    for (const [key, { count }] of level) logProbabilities.set(key, Math.log(count / total));
  }
  const room = Math.ceil(((levels[0]?.size ?? 0) * perToken) / (maxLength - 1));
  const ngrams = levels.slice(1).flatMap((level) =>
    [...level]
      .map(([key, { ids }]) => ({ key, pmi: pointwiseMutualInformation(ids, logProbabilities) }))
      .filter(({ pmi }) => pmi > 0)
      .sort((a, b) => b.pmi - a.pmi || (a.key < b.key ? -1 : 1))
      .slice(0, room)
      .map(({ key }) => key),
  );
  return { maxLength, ngrams: new Set(ngrams) };
}

/** Pieces of a row between special ids. */
function ordinaryStretches(row: Int32Array, specialIds: ReadonlySet<number>): Int32Array[] {
  const stretches: Int32Array[] = [];
  for (let start = 0, end = 0; end <= row.length; end++) {
    if (end < row.length && !specialIds.has(row[end] as number)) continue;
    if (end > start) stretches.push(row.subarray(start, end));
    start = end + 1;
  }
  return stretches;
}

/** Counts by length; of an n-gram only where both its (n - 1)-grams are frequent, so that few rare ones are ever held. */
function countLevels(
  stretches: readonly Int32Array[],
  maxLength: number,
  minCount: number,
): Map<string, Counted>[] {
  const levels: Map<string, Counted>[] = [];
  for (let n = 1; n <= maxLength; n++) {
    const shorter = levels.at(-1);
    const counts = new Map<string, number>();
    for (const stretch of stretches) {
      for (let start = 0; start + n <= stretch.length; start++) {
        const isCandidate =
          !shorter ||
          n === 2 ||
          (shorter.has(stretch.subarray(start, start + n - 1).join(' ')) &&
            shorter.has(stretch.subarray(start + 1, start + n).join(' ')));
        if (!isCandidate) continue;
        const key = stretch.subarray(start, start + n).join(' ');
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
    }
    const isKept = ([, count]: [string, number]) => n === 1 || count >= minCount;
    const kept = [...counts].filter(isKept);
    levels.push(new Map(kept.map(([key, count]) => [key, { ids: key.split(' ').map(Number), count }])));
  }
  return levels;
}

/** The smallest gain over any way of cutting the n-gram, in nats: `best` is the likeliest cut of each prefix. */
function pointwiseMutualInformation(
  ids: readonly number[],
  logProbabilities: ReadonlyMap<string, number>,
): number {
  const n = ids.length;
  const logOf = (start: number, end: number) =>
    logProbabilities.get(ids.slice(start, end).join(' ')) ?? Number.NEGATIVE_INFINITY;
  const best = new Float64Array(n + 1).fill(Number.NEGATIVE_INFINITY);
  best[0] = 0;
  for (let end = 1; end <= n; end++) {
    for (let start = 0; start < end; start++) {
      if (start === 0 && end === n) continue; // uncut
      best[end] = Math.max(best[end] as number, (best[start] as number) + logOf(start, end));
    }
  }
  return logOf(0, n) - (best[n] as number);
}
