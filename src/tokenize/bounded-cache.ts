import { SliceMap } from './slice-map.js';

/** Longer keys are not likely to come again. */
const MAX_KEY_LENGTH = 256;

/** A memo that forgets everything when it is full, so that endless corpora stay in bounded memory. */
export class BoundedCache<Value> {
  private readonly values = new SliceMap<Value>();

  constructor(
    private readonly compute: (key: string) => Value,
    private readonly capacity: number,
  ) {}

  /** The value of the slice [from, to) of `text`. */
  get(text: string, from = 0, to = text.length): Value {
    if (to - from > MAX_KEY_LENGTH) return this.compute(text.slice(from, to));
    const known = this.values.get(text, from, to);
    if (known !== undefined) return known;
    if (this.values.size >= this.capacity) this.values.clear();
    const value = this.compute(text.slice(from, to));
    this.values.add(text, from, to, value);
    return value;
  }
}
