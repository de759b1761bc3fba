/** One entry per token in every column. */
export interface TokenColumns {
  readonly ids: readonly number[];
  /** As in the vocabulary; an added token as it was found, with the whitespace that it takes. */
  readonly tokens: readonly string[];
  /** [start, end) in UTF-16 code units of the text that `sequenceIds` names; special tokens added around texts, and padding, have [0, 0). */
  readonly offsets: readonly (readonly [number, number])[];
  /** Index of the word, within its text, that the token is part of; null for special tokens added around it. */
  readonly wordIds: readonly (number | null)[];
  /** 0 for tokens of the text, 1 for those of its pair, null for special tokens added around them. */
  readonly sequenceIds: readonly (0 | 1 | null)[];
  readonly typeIds: readonly number[];
  readonly specialTokensMask: readonly (0 | 1)[];
  /** 0 for padding. */
  readonly attentionMask: readonly (0 | 1)[];
}

/** Tokens and the text that their offsets point into ('' for special tokens added around texts). */
export interface TextColumns extends TokenColumns {
  readonly text: string;
}

/** Columns under construction. */
export type MutableColumns = { -readonly [Column in keyof TokenColumns]: TokenColumns[Column][number][] };

export function emptyColumns(): MutableColumns {
  return {
    ids: [],
    tokens: [],
    offsets: [],
    wordIds: [],
    sequenceIds: [],
    typeIds: [],
    specialTokensMask: [],
    attentionMask: [],
  };
}

/** Special tokens that stand beside texts: offsets [0, 0), no word, no sequence. */
export function specialColumns(
  { ids, tokens }: { readonly ids: readonly number[]; readonly tokens: readonly string[] },
  typeId: number,
): TextColumns {
  return {
    text: '',
    ids,
    tokens,
    offsets: ids.map(() => [0, 0]),
    wordIds: ids.map(() => null),
    sequenceIds: ids.map(() => null),
    typeIds: ids.map(() => typeId),
    specialTokensMask: ids.map(() => 1),
    attentionMask: ids.map(() => 1),
  };
}

/** The same tokens under another type. */
export function withTypeId(columns: TextColumns, typeId: number): TextColumns {
  return { ...columns, typeIds: columns.ids.map(() => typeId) };
}

/** Tokens [start, end). */
export function sliceColumns(columns: TokenColumns, start: number, end: number): TokenColumns {
  return {
    ids: columns.ids.slice(start, end),
    tokens: columns.tokens.slice(start, end),
    offsets: columns.offsets.slice(start, end),
    wordIds: columns.wordIds.slice(start, end),
    sequenceIds: columns.sequenceIds.slice(start, end),
    typeIds: columns.typeIds.slice(start, end),
    specialTokensMask: columns.specialTokensMask.slice(start, end),
    attentionMask: columns.attentionMask.slice(start, end),
  };
}

export function concatColumns(parts: readonly TokenColumns[]): TokenColumns {
  const [first, ...others] = parts;
  if (first === undefined) return emptyColumns();
  return {
    ids: first.ids.concat(...others.map(({ ids }) => ids)),
    tokens: first.tokens.concat(...others.map(({ tokens }) => tokens)),
    // Offsets are lists themselves, but of lists of them only the outer is joined.
    offsets: first.offsets.concat(...others.map(({ offsets }) => offsets)),
    wordIds: first.wordIds.concat(...others.map(({ wordIds }) => wordIds)),
    sequenceIds: first.sequenceIds.concat(...others.map(({ sequenceIds }) => sequenceIds)),
    typeIds: first.typeIds.concat(...others.map(({ typeIds }) => typeIds)),
    specialTokensMask: first.specialTokensMask.concat(...others.map((part) => part.specialTokensMask)),
    attentionMask: first.attentionMask.concat(...others.map(({ attentionMask }) => attentionMask)),
  };
}
