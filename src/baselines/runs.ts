/** Distinct keys, ascending, with how often each occurred: a sparse histogram over integers below 2^53. */
export interface Runs {
  readonly keys: Float64Array;
  readonly counts: Uint32Array;
}

/** Sorts `values` in place and counts equal ones. */
export function countRuns(values: Float64Array): Runs {
  values.sort();
  const keys = new Float64Array(values.length);
  const counts = new Uint32Array(values.length);
  let run = -1;
  for (const value of values) {
    if (value !== keys[run]) keys[++run] = value;
    counts[run] = (counts[run] as number) + 1;
  }
  return { keys: keys.slice(0, run + 1), counts: counts.slice(0, run + 1) };
}

/** The histogram of other keys: `keyOf` maps distinct keys to distinct keys. */
export function mapRuns({ keys, counts }: Runs, keyOf: (key: number) => number): Runs {
  const mapped = keys.map(keyOf);
  const sorted = mapped.slice().sort();
  const sortedCounts = new Uint32Array(counts.length);
  for (const [index, key] of mapped.entries()) {
    sortedCounts[lowerBound(sorted, key)] = counts[index] as number;
  }
  return { keys: sorted, counts: sortedCounts };
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
