/** True when `codePoint` lies in one of the sorted, inclusive `ranges` [first, last, first, last, ...]. */
export function isInRanges(codePoint: number, ranges: readonly number[]): boolean {
  const index = rangeIndex(codePoint, ranges, 2);
  return codePoint >= (ranges[index] ?? Number.POSITIVE_INFINITY);
}

/** The value of `codePoint` by the sorted, inclusive `ranges` [first, last, value, ...]; undefined outside them. */
export function valueInRanges(codePoint: number, ranges: readonly number[]): number | undefined {
  const index = rangeIndex(codePoint, ranges, 3);
  return codePoint >= (ranges[index] ?? Number.POSITIVE_INFINITY) ? ranges[index + 2] : undefined;
}

/** Where the first range begins that does not end before `codePoint`. */
function rangeIndex(codePoint: number, ranges: readonly number[], width: number): number {
  let low = 0;
  let high = ranges.length / width;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (codePoint > (ranges[width * middle + 1] as number)) low = middle + 1;
    else high = middle;
  }
  return width * low;
}
