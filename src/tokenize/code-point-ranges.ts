/** True when `codePoint` lies in one of the sorted, inclusive `ranges` [first, last, first, last, ...]. */
export function isInRanges(codePoint: number, ranges: readonly number[]): boolean {
  let low = 0;
  let high = ranges.length / 2;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (codePoint > (ranges[2 * middle + 1] as number)) low = middle + 1;
    else high = middle;
  }
  return 2 * low < ranges.length && codePoint >= (ranges[2 * low] as number);
}
