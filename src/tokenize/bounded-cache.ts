import { detached } from './word-splitter.js';

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
    if (this.values.size >= this.capacity) this.values.clear();
    const value = this.compute(key);
    this.values.set(detached(key), value);
    return value;
  }
}
