import { ConfigError } from '../core/index.js';
import type { TextColumns } from './columns.js';
import { sliceColumns } from './columns.js';

/** How texts that are too long are cut, as in Python `tokenizers`. */
export interface Truncation {
  /** Tokens that are kept at most, special tokens included. */
  readonly maxLength: number;
  /** Tokens that each overflowing part repeats from the one before; 0 by default. */
  readonly stride?: number;
  /** Which text of a pair gives way; 'longestFirst' by default. */
  readonly strategy?: 'longestFirst' | 'onlyFirst' | 'onlySecond';
  /** The side that is cut off; 'right' by default. */
  readonly direction?: 'left' | 'right';
}

/** A text cut into windows: the one that is kept, then those that overflow. */
export type Windows = readonly [TextColumns, ...TextColumns[]];

/**
 * Cuts one text or a pair to `maxLength` tokens in total. Throws ConfigError when the strategy's text is absent
 * or too short to give way, or when the stride leaves no room.
 */
export function truncate(
  sequences: readonly TextColumns[],
  truncation: Truncation,
  maxLength: number,
): Windows[] {
  const lengths = sequences.map(({ ids }) => ids.length);
  const total = lengths.reduce((sum, length) => sum + length, 0);
  if (maxLength > 0 && total <= maxLength) return sequences.map((sequence) => [sequence]);
  const kept =
    maxLength === 0 ? lengths.map(() => 0) : keptLengths(lengths, total - maxLength, maxLength, truncation);
  return sequences.map((sequence, index) => cut(sequence, kept[index] as number, truncation));
}

function keptLengths(
  lengths: readonly number[],
  excess: number,
  maxLength: number,
  { strategy = 'longestFirst' }: Truncation,
): number[] {
  if (strategy === 'longestFirst') {
    const [first, second] = lengths as [number, number | undefined];
    return second === undefined ? [first - excess] : shareLength(first, second, maxLength);
  }
  const target = strategy === 'onlyFirst' ? 0 : 1;
  const length = lengths[target];
  if (length === undefined) {
    throw new ConfigError('truncation onlySecond: expected a pair of texts, got one text');
  }
  if (length <= excess) {
    throw new ConfigError(
      `truncation ${strategy}: expected a text of more than ${excess} tokens to cut, got ${length}`,
    );
  }
  return lengths.map((whole, index) => (index === target ? whole - excess : whole));
}

/** The longer text gives way until both are as long. */
function shareLength(first: number, second: number, maxLength: number): number[] {
  let shorter = Math.min(first, second);
  let longer = shorter > maxLength ? shorter : Math.max(shorter, maxLength - shorter);
  if (shorter + longer > maxLength) {
    shorter = Math.floor(maxLength / 2);
    longer = shorter + (maxLength % 2);
  }
  return first > second ? [longer, shorter] : [shorter, longer];
}

function cut(
  sequence: TextColumns,
  length: number,
  { stride = 0, direction = 'right' }: Truncation,
): Windows {
  const total = sequence.ids.length;
  const window = (start: number, end: number): TextColumns => ({
    ...sliceColumns(sequence, start, end),
    text: sequence.text,
  });
  if (length >= total) return [sequence];
  if (length === 0) return [window(0, 0), sequence];
  if (stride >= length) {
    throw new ConfigError(
      `truncation stride: expected less than the ${length} tokens that a window holds, got ${stride}`,
    );
  }
  const step = length - stride;
  const count = 1 + Math.ceil((total - length) / step);
  const windows = Array.from({ length: count }, (_, index) => {
    const start = index * step;
    const end = Math.min(start + length, total);
    return direction === 'right' ? window(start, end) : window(total - end, total - start);
  });
  return windows as [TextColumns, ...TextColumns[]];
}
