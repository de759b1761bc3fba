import type { TokenColumns } from './columns.js';

/** How encodings are made longer, as in Python `tokenizers`. */
export interface Padding {
  /** A number of tokens, or that of the longest encoding of the batch. */
  readonly length: number | 'longest';
  readonly padId: number;
  readonly padToken: string;
  /** 0 by default. */
  readonly padTypeId?: number;
  /** The length is raised to a multiple of this; null or absent for none. */
  readonly padToMultipleOf?: number | null;
  /** The side that gets the padding; 'right' by default. */
  readonly direction?: 'left' | 'right';
}

/** The length that a batch with encodings of these lengths is padded to. */
export function paddedLength(lengths: readonly number[], { length, padToMultipleOf }: Padding): number {
  const wanted = length === 'longest' ? lengths.reduce((most, next) => Math.max(most, next), 0) : length;
  const multiple = padToMultipleOf ?? 0;
  return multiple > 0 ? Math.ceil(wanted / multiple) * multiple : wanted;
}

/** Adds padding up to `length` tokens; a longer encoding stays as it is. */
export function pad(columns: TokenColumns, length: number, padding: Padding): TokenColumns {
  const missing = length - columns.ids.length;
  if (missing <= 0) return columns;
  const extended = <T>(column: readonly T[], value: T): readonly T[] => {
    const added = new Array<T>(missing).fill(value);
    return padding.direction === 'left' ? [...added, ...column] : [...column, ...added];
  };
  return {
    ids: extended(columns.ids, padding.padId),
    tokens: extended(columns.tokens, padding.padToken),
    offsets: extended(columns.offsets, [0, 0]),
    wordIds: extended(columns.wordIds, null),
    sequenceIds: extended(columns.sequenceIds, null),
    typeIds: extended(columns.typeIds, padding.padTypeId ?? 0),
    specialTokensMask: extended(columns.specialTokensMask, 1),
    attentionMask: extended(columns.attentionMask, 0),
  };
}
