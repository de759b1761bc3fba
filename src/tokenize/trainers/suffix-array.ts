/**
 * The suffixes of `text`, each symbol in [0, alphabetSize), in order: SA-IS (Nong, Zhang and Chan 2009,
 * "Linear Suffix Array Construction by Almost Pure Induced-Sorting"). A suffix that begins another is before it.
 */
export function suffixArray(text: Int32Array, alphabetSize: number): Int32Array {
  const n = text.length;
  const suffixes = new Int32Array(n).fill(EMPTY);
  if (n === 0) return suffixes;
  const isSmaller = smallerThanNext(text);
  const starts = leftmostSmaller(isSmaller);
  const buckets = bucketEnds(text, alphabetSize);
  placeAtEnds(text, suffixes, buckets, starts);
  induce(text, suffixes, buckets, isSmaller);
  const { names, count } = nameSubstrings(text, suffixes, isSmaller);
  const reduced = starts.map((start) => names[start] as number);
  // Equal names are ordered by what follows them: the same problem again, at most half as long.
  const order = count < starts.length ? suffixArray(reduced, count) : inverse(reduced);
  suffixes.fill(EMPTY);
  placeAtEnds(
    text,
    suffixes,
    buckets,
    order.map((index) => starts[index] as number),
  );
  induce(text, suffixes, buckets, isSmaller);
  return suffixes;
}

const EMPTY = -1;

/** For each suffix, 1 where it is smaller than the next; the end of the text is smaller than everything. */
function smallerThanNext(text: Int32Array): Uint8Array {
  const isSmaller = new Uint8Array(text.length);
  for (let at = text.length - 2; at >= 0; at--) {
    const difference = (text[at] as number) - (text[at + 1] as number);
    isSmaller[at] = difference < 0 || (difference === 0 && isSmaller[at + 1] === 1) ? 1 : 0;
  }
  return isSmaller;
}

/** Where a smaller suffix follows a larger one ("LMS"), in order of the text. */
function leftmostSmaller(isSmaller: Uint8Array): Int32Array {
  const starts: number[] = [];
  for (let at = 1; at < isSmaller.length; at++) if (isLeftmost(isSmaller, at)) starts.push(at);
  return Int32Array.from(starts);
}

function isLeftmost(isSmaller: Uint8Array, at: number): boolean {
  return at > 0 && isSmaller[at] === 1 && isSmaller[at - 1] === 0;
}

/** For each symbol, where the suffixes that begin with it end; `ends[symbol - 1]` is where they begin. */
function bucketEnds(text: Int32Array, alphabetSize: number): Int32Array {
  const ends = new Int32Array(alphabetSize);
  for (const symbol of text) ends[symbol] = (ends[symbol] as number) + 1;
  for (let symbol = 1; symbol < alphabetSize; symbol++) {
    ends[symbol] = (ends[symbol] as number) + (ends[symbol - 1] as number);
  }
  return ends;
}

/** Puts suffixes at the ends of their buckets, the last of `starts` last. */
function placeAtEnds(text: Int32Array, suffixes: Int32Array, buckets: Int32Array, starts: Int32Array): void {
  const ends = buckets.slice();
  for (let index = starts.length - 1; index >= 0; index--) {
    const start = starts[index] as number;
    const symbol = text[start] as number;
    const end = (ends[symbol] as number) - 1;
    ends[symbol] = end;
    suffixes[end] = start;
  }
}

/** Sorts all suffixes from the sorted leftmost smaller ones: the larger ones forwards, the smaller backwards. */
function induce(text: Int32Array, suffixes: Int32Array, buckets: Int32Array, isSmaller: Uint8Array): void {
  const heads = new Int32Array(buckets.length);
  heads.set(buckets.subarray(0, -1), 1);
  const placeLarger = (start: number): void => {
    if (start < 0 || isSmaller[start] === 1) return;
    const symbol = text[start] as number;
    const head = heads[symbol] as number;
    heads[symbol] = head + 1;
    suffixes[head] = start;
  };
  placeLarger(text.length - 1);
  for (let rank = 0; rank < suffixes.length; rank++) placeLarger((suffixes[rank] as number) - 1);
  const ends = buckets.slice();
  for (let rank = suffixes.length - 1; rank >= 0; rank--) {
    const start = (suffixes[rank] as number) - 1;
    if (start < 0 || isSmaller[start] === 0) continue;
    const symbol = text[start] as number;
    const end = (ends[symbol] as number) - 1;
    ends[symbol] = end;
    suffixes[end] = start;
  }
}

/** Names, by their order, the stretches from one leftmost smaller suffix to the next; equal ones alike. */
function nameSubstrings(
  text: Int32Array,
  suffixes: Int32Array,
  isSmaller: Uint8Array,
): { names: Int32Array; count: number } {
  const names = new Int32Array(text.length);
  let count = 0;
  let previous = EMPTY;
  for (const start of suffixes) {
    if (!isLeftmost(isSmaller, start)) continue;
    if (previous === EMPTY || !areEqualStretches(text, isSmaller, previous, start)) count++;
    names[start] = count - 1;
    previous = start;
  }
  return { names, count };
}

function areEqualStretches(text: Int32Array, isSmaller: Uint8Array, a: number, b: number): boolean {
  for (let length = 0; ; length++) {
    if (a + length >= text.length || b + length >= text.length) return false;
    if (text[a + length] !== text[b + length] || isSmaller[a + length] !== isSmaller[b + length])
      return false;
    if (length === 0) continue;
    const endsA = isLeftmost(isSmaller, a + length);
    if (endsA !== isLeftmost(isSmaller, b + length)) return false;
    if (endsA) return true;
  }
}

/** Where each number of a permutation stands. */
function inverse(permutation: Int32Array): Int32Array {
  const positions = new Int32Array(permutation.length);
  permutation.forEach((value, index) => {
    positions[value] = index;
  });
  return positions;
}
