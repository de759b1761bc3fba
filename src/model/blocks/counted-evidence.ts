import {
  add,
  addScalar,
  cast,
  concat,
  constant,
  equal,
  type Graph,
  gatherRows,
  mul,
  positive,
  reshape,
  scatterAddColumns,
  shift,
  split,
  sub,
  type Tensor,
} from '../../graph/index.js';
import type { Additions, Predicted } from '../language-model.js';
import type { ParameterSpec } from '../parameters.js';
import type { Weights } from '../weights.js';
import { modulo } from './hashing.js';
import { rowsRead } from './rows-read.js';

/** Contexts of one token: its place relative to the gap, and how many words a list of it may have. */
export const SINGLE_CONTEXTS = [
  { name: 'near_left', offset: -1, width: 128 },
  { name: 'near_right', offset: 1, width: 128 },
  { name: 'skip_left', offset: -2, near: -1, width: 64 },
  { name: 'skip_right', offset: 2, near: 1, width: 64 },
] as const;

/** Contexts of two tokens. */
export const PAIR_CONTEXTS = [
  { name: 'far_left', offsets: [-2, -1], width: 128 },
  { name: 'far_right', offsets: [2, 1], width: 128 },
  { name: 'between', offsets: [-1, 1], width: 32 },
] as const;

export type SingleContext = (typeof SINGLE_CONTEXTS)[number];
export type PairContext = (typeof PAIR_CONTEXTS)[number];

/** Contexts beside the gap that may have more words than a list holds: those then have a row of all words. */
export const hasRows = (context: SingleContext): boolean => !('near' in context);

/** How large a model's tables are; all of its own corpus. */
export interface EvidenceSizes {
  /** Entries of all lists, and one before them that says nothing. */
  readonly entries: number;
  /** Rows of all words, and one of zeros before them. */
  readonly rows: number;
  /** Slots for contexts of two tokens, in the order of `PAIR_CONTEXTS`. */
  readonly slots: readonly number[];
}

/** Tables that say nothing. */
export const EMPTY_EVIDENCE: EvidenceSizes = { entries: 1, rows: 1, slots: PAIR_CONTEXTS.map(() => 1) };

export const EVIDENCE = 'head.counts';
/** Columns of a single context: where its list begins, its length, its factor, and its row or, of a skip, its factor where the near token is hidden. */
export const SINGLE_COLUMNS = 4;
/** What a token adds to either place of a pair as its first, then as its second. */
export const HASH_COLUMNS = 4;
/** Columns of a slot: the two tokens that own it, where their list begins, its length, its factor. */
export const SLOT_COLUMNS = 5;

/**
 * Tables of counted evidence, none of which training changes. Tokens are counted from 1 here, 0 is nothing: where a text ends,
 * or padding. Ids and places are whole numbers in float32.
 */
export function evidenceSpecs(vocabSize: number, { entries, rows, slots }: EvidenceSizes): ParameterSpec[] {
  const table = (name: string, shape: readonly number[]): ParameterSpec => {
    return { name: `${EVIDENCE}.${name}`, shape, kind: 'table' };
  };
  return [
    table('ids', [entries, 1]),
    table('values', [entries, 1]),
    table('rows', [rows, vocabSize]),
    ...SINGLE_CONTEXTS.map(({ name }) => table(`${name}.contexts`, [vocabSize + 1, SINGLE_COLUMNS])),
    ...PAIR_CONTEXTS.flatMap(({ name }, index) => [
      table(`${name}.hashes`, [vocabSize + 1, HASH_COLUMNS]),
      table(`${name}.slots`, [slots[index] as number, SLOT_COLUMNS]),
    ]),
  ];
}

/**
 * Logits f32[M, V] with what the training split's n-grams say about the predicted tokens, less what they owe to those
 * tokens themselves.
 */
export function addEvidence(
  logits: Tensor,
  weights: Weights,
  { inputs, positions, corrections }: Predicted,
): Tensor {
  const neighbours = new Neighbours(inputs, positions);
  const singles = SINGLE_CONTEXTS.map((context) => singleEvidence(weights, neighbours, context));
  const pairs = PAIR_CONTEXTS.map((context) => pairEvidence(weights, neighbours, context));
  const rows = singles.flatMap(({ rows = [] }) => rows).reduce((sum, row) => add(sum, row), logits);
  const all = [...singles, ...pairs, ...(corrections ? [corrections] : [])];
  return scatterAddColumns(
    concat(
      all.map(({ values }) => values),
      1,
    ),
    concat(
      all.map(({ columns }) => columns),
      1,
    ),
    rows,
  );
}

/** The tokens around the predicted positions, f32[M, 1] each. */
class Neighbours {
  readonly graph: Graph;
  private readonly numbers: Tensor;
  private readonly size: readonly [number, number];
  private readonly known = new Map<number, Tensor>();

  constructor(
    { inputIds, attentionMask }: Predicted['inputs'],
    private readonly positions: Tensor | undefined,
  ) {
    this.graph = inputIds.node.graph;
    this.size = inputIds.shape as readonly [number, number];
    const numbers = addScalar(cast(inputIds, 'float32'), 1);
    const seen = attentionMask ? mul(numbers, cast(attentionMask, 'float32')) : numbers;
    this.numbers = reshape(seen, [...this.size, 1]);
  }

  at(offset: number): Tensor {
    const known = this.known.get(offset) ?? this.moved(offset);
    this.known.set(offset, known);
    return known;
  }

  index(offset: number): Tensor {
    return indexOf(this.at(offset));
  }

  private moved(offset: number): Tensor {
    const [B, T] = this.size;
    const isBeyond = Math.abs(offset) >= T;
    const all = reshape(isBeyond ? sub(this.numbers, this.numbers) : shift(this.numbers, offset), [B * T, 1]);
    return rowsRead(all, this.positions);
  }
}

/** f32[M, 1] to i32[M]. */
const indexOf = (numbers: Tensor): Tensor => cast(reshape(numbers, [numbers.shape[0] as number]), 'int32');

function singleEvidence(
  weights: Weights,
  neighbours: Neighbours,
  context: SingleContext,
): Additions & { readonly rows?: Tensor } {
  const tables = weights.at(EVIDENCE);
  const contexts = gatherRows(tables.at(context.name).get('contexts'), neighbours.index(context.offset));
  const [start, length, factor, last] = split(contexts, [1, 1, 1, 1], 1) as [Tensor, Tensor, Tensor, Tensor];
  if (!('near' in context)) {
    const list = listedWords(tables, { start, length, factor }, context.width);
    return { ...list, rows: gatherRows(tables.get('rows'), indexOf(last)) };
  }
  // Where the near token says nothing, because it is masked, the one beyond speaks for the whole side.
  const isThere = positive(neighbours.at(context.near));
  const speaks = nearSpeaks(tables, neighbours, context);
  const chosen = add(mul(factor, speaks), mul(last, sub(isThere, speaks)));
  return listedWords(tables, { start, length, factor: chosen }, context.width);
}

/** 1 where the near token of a skip has a list or a row, f32[M, 1]. */
function nearSpeaks(tables: Weights, neighbours: Neighbours, { near }: { readonly near: number }): Tensor {
  const name = near < 0 ? 'near_left' : 'near_right';
  const contexts = gatherRows(tables.at(name).get('contexts'), neighbours.index(near));
  const [, length, , row] = split(contexts, [1, 1, 1, 1], 1) as [Tensor, Tensor, Tensor, Tensor];
  return positive(add(length, row));
}

/** A pair lies at one of two places, or nowhere (cuckoo hashing). */
function pairEvidence(weights: Weights, neighbours: Neighbours, context: PairContext): Additions {
  const tables = weights.at(EVIDENCE);
  const [first, second] = context.offsets;
  const hashes = tables.at(context.name).get('hashes');
  const slots = tables.at(context.name).get('slots');
  const ofFirst = split(gatherRows(hashes, neighbours.index(first)), [1, 1, 1, 1], 1);
  const ofSecond = split(gatherRows(hashes, neighbours.index(second)), [1, 1, 1, 1], 1);
  const found = [0, 1].map((which) => {
    const place = indexOf(
      modulo(add(ofFirst[which] as Tensor, ofSecond[2 + which] as Tensor), slots.shape[0] as number),
    );
    const [a, b, ...list] = split(gatherRows(slots, place), [1, 1, 1, 1, 1], 1) as Tensor[];
    const isOwn = mul(
      same(indexOf(a as Tensor), neighbours.index(first)),
      same(indexOf(b as Tensor), neighbours.index(second)),
    );
    return list.map((column) => mul(column, isOwn));
  });
  const [start, length, factor] = [0, 1, 2].map((column) =>
    add(found[0]?.[column] as Tensor, found[1]?.[column] as Tensor),
  ) as [Tensor, Tensor, Tensor];
  return listedWords(tables, { start, length, factor }, context.width);
}

/** 1 where two i32[M] are equal, f32[M, 1]. */
const same = (a: Tensor, b: Tensor): Tensor =>
  reshape(cast(equal(a, b), 'float32'), [a.shape[0] as number, 1]);

/** The first words of lists, at most `width` of each; what is beyond a list's end is the entry that says nothing. */
function listedWords(
  tables: Weights,
  { start, length, factor }: Readonly<Record<'start' | 'length' | 'factor', Tensor>>,
  width: number,
): Additions {
  const M = start.shape[0] as number;
  const steps = constant(
    start.node.graph,
    Float32Array.from({ length: width }, (_, step) => step),
    [1, width],
  );
  const isInside = positive(sub(length, steps)); // [M, width]
  const places = cast(mul(add(start, steps), isInside), 'int32');
  const columns = cast(reshape(gatherRows(tables.get('ids'), places), [M, width]), 'int32');
  const values = reshape(gatherRows(tables.get('values'), places), [M, width]);
  return { values: mul(values, factor), columns };
}
