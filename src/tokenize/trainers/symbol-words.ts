/** How often the pair (left, right) of neighbours appeared or disappeared in one copy of a word: +1 or -1. */
export type PairChange = (left: number, right: number, change: 1 | -1) => void;

/** Words as sequences of symbols, packed in one array and shortened in place as symbols are merged. */
export class SymbolWords {
  private readonly lengths: Int32Array;

  /** Word w is `symbols` from `starts[w]` up to `starts[w + 1]`; there is one start more than words. */
  constructor(
    private readonly symbols: Int32Array,
    private readonly starts: Int32Array,
  ) {
    this.lengths = new Int32Array(Math.max(0, starts.length - 1));
    for (let word = 0; word < this.lengths.length; word++) {
      this.lengths[word] = (starts[word + 1] as number) - (starts[word] as number);
    }
  }

  get size(): number {
    return this.lengths.length;
  }

  /** Calls `visit` with each two neighbouring symbols of a word. */
  forEachPair(word: number, visit: (left: number, right: number) => void): void {
    const start = this.starts[word] as number;
    const end = start + (this.lengths[word] as number);
    for (let at = start + 1; at < end; at++) {
      visit(this.symbols[at - 1] as number, this.symbols[at] as number);
    }
  }

  /**
   * Replaces every (left, right) in a word by `merged`, from left to right, and reports the neighbouring pairs
   * that this breaks and forms; the merged pair itself is not reported, as in the reference.
   */
  merge(word: number, left: number, right: number, merged: number, onChange: PairChange): void {
    const { symbols } = this;
    const start = this.starts[word] as number;
    const end = start + (this.lengths[word] as number);
    let written = start;
    for (let read = start; read < end; read++) {
      const symbol = symbols[read] as number;
      if (symbol !== left || read + 1 >= end || symbols[read + 1] !== right) {
        symbols[written++] = symbol;
        continue;
      }
      read++;
      if (written > start) {
        const previous = symbols[written - 1] as number;
        onChange(previous, left, -1);
        onChange(previous, merged, 1);
      }
      if (read + 1 < end) {
        const next = symbols[read + 1] as number;
        onChange(right, next, -1);
        onChange(merged, next, 1);
      }
      symbols[written++] = merged;
    }
    this.lengths[word] = written - start;
  }
}
