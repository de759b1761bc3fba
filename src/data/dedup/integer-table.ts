const FIRST_CAPACITY = 1 << 10;
/** More entries than this share of the places, and searches grow long. */
const MOST_LOAD = 0.7;

/**
 * Pairs of integers, found by the first: open addressing in two typed arrays, 8 bytes a place, because a Map of arrays takes
 * twenty times that. Keys are unsigned 32-bit integers that are hashes already; values are from 0 to 2^32 - 2.
 */
export class IntegerTable {
  private keys = new Uint32Array(FIRST_CAPACITY);
  /** Values plus one: 0 marks a free place. */
  private values = new Uint32Array(FIRST_CAPACITY);
  private count = 0;

  /** Number of pairs. */
  get size(): number {
    return this.count;
  }

  /** Values that were added under `key`, in that order. */
  valuesOf(key: number): number[] {
    const found: number[] = [];
    const { keys, values } = this;
    const mask = keys.length - 1;
    for (let place = key & mask; values[place] !== 0; place = (place + 1) & mask) {
      if (keys[place] === key) found.push((values[place] as number) - 1);
    }
    return found;
  }

  add(key: number, value: number): void {
    if (this.count >= MOST_LOAD * this.keys.length) this.grow();
    this.put(key, value + 1);
    this.count++;
  }

  private put(key: number, stored: number): void {
    const { keys, values } = this;
    const mask = keys.length - 1;
    let place = key & mask;
    while (values[place] !== 0) place = (place + 1) & mask;
    keys[place] = key;
    values[place] = stored;
  }

  /** Twice the places, filled from a free one on, so that pairs of one key keep their order. */
  private grow(): void {
    const { keys, values } = this;
    this.keys = new Uint32Array(2 * keys.length);
    this.values = new Uint32Array(2 * keys.length);
    const free = values.indexOf(0);
    for (let step = 1; step < keys.length; step++) {
      const place = (free + step) & (keys.length - 1);
      const stored = values[place] as number;
      if (stored !== 0) this.put(keys[place] as number, stored);
    }
  }
}
