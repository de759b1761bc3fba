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

/** The histogram of what both count. */
export function mergeRuns(a: Runs, b: Runs): Runs {
  if (a.keys.length === 0) return b;
  const keys = new Float64Array(a.keys.length + b.keys.length);
  const counts = new Uint32Array(keys.length);
  let [left, right, run] = [0, 0, 0];
  while (left < a.keys.length || right < b.keys.length) {
    const [first, second] = [
      a.keys[left] ?? Number.POSITIVE_INFINITY,
      b.keys[right] ?? Number.POSITIVE_INFINITY,
    ];
    keys[run] = Math.min(first, second);
    const fromLeft = first <= second ? (a.counts[left++] as number) : 0;
    counts[run++] = fromLeft + (second <= first ? (b.counts[right++] as number) : 0);
  }
  return { keys: keys.slice(0, run), counts: counts.slice(0, run) };
}

/** The histogram of other keys; counts of keys that `keyOf` maps to the same one are summed. */
export function mapRuns({ keys, counts }: Runs, keyOf: (key: number) => number): Runs {
  const mapped = keys.map(keyOf);
  const sorted = mapped.slice().sort();
  const distinct = sorted.filter((key, index) => key !== sorted[index - 1]);
  const sums = new Uint32Array(distinct.length);
  for (const [index, key] of mapped.entries()) {
    const run = lowerBound(distinct, key);
    sums[run] = (sums[run] as number) + (counts[index] as number);
  }
  return { keys: distinct, counts: sums };
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
