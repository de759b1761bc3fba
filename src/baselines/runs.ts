/** Distinct keys, ascending, with how often each occurred: a sparse histogram over integers below 2^53. */
export interface Runs {
  readonly keys: Float64Array;
  readonly counts: Uint32Array;
}

/** Sorts `values` in place and counts equal ones. */
export function countRuns(values: Float64Array): Runs {
  values.sort();
  let distinct = 0;
  for (let index = 0; index < values.length; index++) {
    if (index === 0 || values[index] !== values[index - 1]) distinct++;
  }
  const keys = new Float64Array(distinct);
  const counts = new Uint32Array(distinct);
  let run = -1;
  for (let index = 0; index < values.length; index++) {
    if (index === 0 || values[index] !== values[index - 1]) keys[++run] = values[index] as number;
    counts[run] = (counts[run] as number) + 1;
  }
  return { keys, counts };
}

/** Histogram of other keys computed from the keys of a histogram. */
export function mapRuns(runs: Runs, keyOf: (key: number) => number): Runs {
  const pairs = Array.from(runs.keys, (key, index) => ({
    key: keyOf(key),
    count: runs.counts[index] as number,
  }));
  pairs.sort((a, b) => a.key - b.key);
  return {
    keys: Float64Array.from(pairs, ({ key }) => key),
    counts: Uint32Array.from(pairs, ({ count }) => count),
  };
}

/** Index of the first key that is at least `key`. */
export function lowerBound(keys: Float64Array, key: number): number {
  let [low, high] = [0, keys.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((keys[middle] as number) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
