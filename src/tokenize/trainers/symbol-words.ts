/** How often the pair (left, right) of neighbours appeared or disappeared in one copy of a word: +1 or -1. */
export type PairChange = (left: number, right: number, change: 1 | -1) => void;

/** Words as sequences of symbols, packed in one array and shortened in place as symbols are merged. */
export class SymbolWords {
  private readonly symbols: Int32Array;
  private readonly starts: Int32Array;
  private readonly lengths: Int32Array;

  constructor(words: readonly (readonly number[])[]) {
    this.lengths = Int32Array.from(words, (word) => word.length);
    this.starts = new Int32Array(words.length);
    let total = 0;
    words.forEach((word, index) => {
      this.starts[index] = total;
      total += word.length;
    });
    this.symbols = new Int32Array(total);
    for (const [index, word] of words.entries()) this.symbols.set(word, this.starts[index]);
  }

  get size(): number {
    return this.starts.length;
  }

  /** The symbols of a word, as a view. */
  symbolsOf(word: number): Int32Array {
    const start = this.starts[word] as number;
    return this.symbols.subarray(start, start + (this.lengths[word] as number));
  }

  /**
   * Replaces every (left, right) in a word by `merged`, from left to right, and reports the neighbouring pairs
   * that this breaks and forms; the merged pair itself is not reported, as in the reference.
   */
  merge(word: number, left: number, right: number, merged: number, onChange: PairChange): void {
    const symbols = this.symbolsOf(word);
    let written = 0;
    for (let read = 0; read < symbols.length; read++) {
      const symbol = symbols[read] as number;
      if (symbol !== left || read + 1 >= symbols.length || symbols[read + 1] !== right) {
        symbols[written++] = symbol;
        continue;
      }
      read++;
      if (written > 0) {
        const previous = symbols[written - 1] as number;
        onChange(previous, left, -1);
        onChange(previous, merged, 1);
      }
      if (read + 1 < symbols.length) {
        const next = symbols[read + 1] as number;
        onChange(right, next, -1);
        onChange(merged, next, 1);
      }
      symbols[written++] = merged;
    }
    this.lengths[word] = written;
  }
}
