import { detached } from './word-splitter.js';

/** Longer keys are not likely to come again. */
const MAX_KEY_LENGTH = 256;

/** A memo that forgets everything when it is full, so that endless corpora stay in bounded memory. */
export class BoundedCache<Value> {
  private readonly values = new Map<string, Value>();

  constructor(
    private readonly compute: (key: string) => Value,
    private readonly capacity: number,
  ) {}

  get(key: string): Value {
    const known = this.values.get(key);
    if (known !== undefined) return known;
    if (key.length > MAX_KEY_LENGTH) return this.compute(key);
    if (this.values.size >= this.capacity) this.values.clear();
    const value = this.compute(key);
    this.values.set(detached(key), value);
    return value;
  }
}
