const INITIAL_CAPACITY = 1 << 10;
const MAX_LOAD = 0.5;

/**
 * A map whose keys are looked up as slices [from, to) of texts, without cutting them out: a Map would have to make
 * and hash a string for every word of a corpus.
 */
export class SliceMap<Value> {
  private readonly keys: string[] = [];
  private readonly values: Value[] = [];
  private hashes = new Int32Array(INITIAL_CAPACITY);
  /** Open addressing with linear probing: the entry's number plus one, 0 for a free slot. */
  private slots = new Int32Array(INITIAL_CAPACITY / MAX_LOAD);

  get size(): number {
    return this.keys.length;
  }

  get(text: string, from: number, to: number): Value | undefined {
    const slot = this.slotOf(text, from, to, hashOf(text, from, to));
    return this.values[(this.slots[slot] as number) - 1];
  }

  /** Adds a slice that is not in the map. */
  add(text: string, from: number, to: number, value: Value): void {
    const hash = hashOf(text, from, to);
    this.slots[this.slotOf(text, from, to, hash)] = this.keys.length + 1;
    this.hashes[this.keys.length] = hash;
    this.keys.push(detached(text.slice(from, to)));
    this.values.push(value);
    if (this.keys.length === this.hashes.length) this.grow();
  }

  /** In the order in which they were added. */
  *entries(): Generator<[key: string, value: Value]> {
    for (let index = 0; index < this.keys.length; index++) {
      yield [this.keys[index] as string, this.values[index] as Value];
    }
  }

  clear(): void {
    this.keys.length = 0;
    this.values.length = 0;
    this.slots.fill(0);
  }

  /** The slot that holds the slice, or the free one where it belongs. */
  private slotOf(text: string, from: number, to: number, hash: number): number {
    const { slots, hashes, keys } = this;
    const mask = slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const entry = (slots[slot] as number) - 1;
      if (entry < 0) return slot;
      if (hashes[entry] === hash && isSlice(keys[entry] as string, text, from, to)) return slot;
    }
  }

  private grow(): void {
    const capacity = 2 * this.hashes.length;
    const hashes = new Int32Array(capacity);
    hashes.set(this.hashes);
    this.hashes = hashes;
    this.slots = new Int32Array(capacity / MAX_LOAD);
    const mask = this.slots.length - 1;
    for (let entry = 0; entry < this.keys.length; entry++) {
      let slot = (hashes[entry] as number) & mask;
      while (this.slots[slot] !== 0) slot = (slot + 1) & mask;
      this.slots[slot] = entry + 1;
    }
  }
}

/** FNV-1a over code units, its high bits mixed into the low ones. */
function hashOf(text: string, from: number, to: number): number {
  let hash = 0x811c9dc5;
  for (let unit = from; unit < to; unit++) hash = Math.imul(hash ^ text.charCodeAt(unit), 0x01000193);
  return hash ^ (hash >>> 15);
}

function isSlice(key: string, text: string, from: number, to: number): boolean {
  if (key.length !== to - from) return false;
  for (let unit = 0; unit < key.length; unit++) {
    if (key.charCodeAt(unit) !== text.charCodeAt(from + unit)) return false;
  }
  return true;
}

/** A copy of `slice` to keep: V8 makes a slice a view, which would keep the whole text that it was cut from. */
function detached(slice: string): string {
  return ` ${slice}`.slice(1);
}
