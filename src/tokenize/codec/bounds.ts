import { formatErrorAt, type Located } from './parse.js';

/** Far deeper than a tokenizer.json ever is; what is checked later may recurse. */
const MAX_DEPTH = 64;

/** Values of a whole file: some ten times the largest vocabularies there are, with their merges. */
const MAX_VALUES = 1 << 24;

/** Refuses a value that is nested too deep or holds too many values, in time and memory linear in the limits. */
export function checkBounds(located: Located): void {
  let level: unknown[] = [located.value];
  let count = 0;
  for (let depth = 0; level.length > 0; depth++) {
    count += level.length;
    if (depth > MAX_DEPTH || count > MAX_VALUES) {
      throw formatErrorAt(
        { ...located, path: located.path || 'top level' },
        `expected at most ${MAX_DEPTH} levels and ${MAX_VALUES} values`,
      );
    }
    const next: unknown[] = [];
    for (const value of level) {
      if (typeof value !== 'object' || value === null) continue;
      for (const inner of Object.values(value)) next.push(inner);
    }
    level = next;
  }
}
