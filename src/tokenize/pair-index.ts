const INITIAL_CAPACITY = 1 << 10;
const MAX_LOAD = 0.5;

/** Numbers distinct ordered pairs of token ids 0, 1, 2, ... in the order in which they are added. */
export class PairIndex {
  private lefts = new Int32Array(INITIAL_CAPACITY);
  private rights = new Int32Array(INITIAL_CAPACITY);
  /** Open addressing with linear probing: the pair's number plus one, 0 for a free slot. */
  private slots = new Int32Array(INITIAL_CAPACITY / MAX_LOAD);
  private count = 0;

  get size(): number {
    return this.count;
  }

  left(pair: number): number {
    return this.lefts[pair] as number;
  }

  right(pair: number): number {
    return this.rights[pair] as number;
  }

  /** The number of a pair, or -1. */
  find(left: number, right: number): number {
    return (this.slots[this.slotOf(left, right)] as number) - 1;
  }

  /** The number of a pair, which is `size` before the call where the pair is new. */
  add(left: number, right: number): number {
    const slot = this.slotOf(left, right);
    const known = this.slots[slot] as number;
    if (known > 0) return known - 1;
    const pair = this.count++;
    this.slots[slot] = pair + 1;
    this.lefts[pair] = left;
    this.rights[pair] = right;
    if (this.count === this.lefts.length) this.grow();
    return pair;
  }

  /** The slot that holds the pair, or the free one where it belongs. */
  private slotOf(left: number, right: number): number {
    const { slots, lefts, rights } = this;
    const mask = slots.length - 1;
    let hash = Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    let slot = (hash ^ (hash >>> 13)) & mask;
    for (;;) {
      const pair = (slots[slot] as number) - 1;
      if (pair < 0 || (lefts[pair] === left && rights[pair] === right)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  private grow(): void {
    const capacity = 2 * this.lefts.length;
    this.lefts = enlarged(this.lefts, capacity);
    this.rights = enlarged(this.rights, capacity);
    this.slots = new Int32Array(capacity / MAX_LOAD);
    for (let pair = 0; pair < this.count; pair++) {
      this.slots[this.slotOf(this.left(pair), this.right(pair))] = pair + 1;
    }
  }
}

function enlarged(values: Int32Array, capacity: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(capacity);
  larger.set(values);
  return larger;
}
