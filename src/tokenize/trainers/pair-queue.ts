/** A pair of neighbouring symbols that could be merged, with the words that were known to hold it. */
export interface PairCandidate {
  readonly left: number;
  readonly right: number;
  /** Occurrences of the pair when the candidate was queued; may be out of date. */
  count: number;
  readonly words: readonly number[];
}

/** True when `a` is to be merged before `b`: the more frequent pair, then the one of smaller symbols. */
function precedes(a: PairCandidate, b: PairCandidate): boolean {
  if (a.count !== b.count) return a.count > b.count;
  return a.left !== b.left ? a.left < b.left : a.right < b.right;
}

/** A binary heap of candidates, the next to be merged on top. */
export class PairQueue {
  private readonly heap: PairCandidate[] = [];

  push(candidate: PairCandidate): void {
    const { heap } = this;
    let at = heap.length;
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      const above = heap[parent] as PairCandidate;
      if (!precedes(candidate, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = candidate;
  }

  pop(): PairCandidate | undefined {
    const { heap } = this;
    const top = heap[0];
    const last = heap.pop();
    if (last !== undefined && heap.length > 0) this.sinkFromTop(last);
    return top;
  }

  private sinkFromTop(candidate: PairCandidate): void {
    const { heap } = this;
    let at = 0;
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      const right = heap[child + 1];
      if (right !== undefined && precedes(right, heap[child] as PairCandidate)) child++;
      const below = heap[child] as PairCandidate;
      if (!precedes(below, candidate)) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = candidate;
  }
}
