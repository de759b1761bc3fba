import {
  EVIDENCE,
  type EvidenceSizes,
  HASH_COLUMNS,
  PAIR_CONTEXTS,
  type ParameterValue,
  type ParameterValues,
  SINGLE_COLUMNS,
  SINGLE_CONTEXTS,
  SLOT_COLUMNS,
} from '../../model/index.js';
import { layPairs, type Pair } from './cuckoo.js';
import type { ExponentName, Exponents } from './exponents.js';
import type { EvidenceKinds, Kind } from './kinds.js';

/** Entries of all lists one after the other, and rows of all words, as they grow. */
class Lists {
  /** Entry 0 and row 0 say nothing. */
  readonly ids: number[] = [0];
  readonly values: number[] = [0];
  readonly rows: Float32Array[];

  constructor(private readonly vocabSize: number) {
    this.rows = [new Float32Array(vocabSize)];
  }

  /** Appends the kept entries of a context; where they begin, and how many. */
  addList({ lists }: Kind, place: number): readonly [start: number, length: number] {
    const start = this.ids.length;
    for (let entry = lists.startOf(place); entry < lists.endOf(place); entry++) {
      if (lists.isKept[entry] !== 1) continue;
      this.ids.push(lists.ids[entry] as number);
      this.values.push(lists.values[entry] as number);
    }
    return [start, this.ids.length - start];
  }

  /** Appends a row with the entries of a context, times a factor; its number. */
  addRow({ lists }: Kind, place: number, factor: number): number {
    const row = new Float32Array(this.vocabSize);
    for (let entry = lists.startOf(place); entry < lists.endOf(place); entry++) {
      row[lists.ids[entry] as number] = factor * (lists.values[entry] as number);
    }
    return this.rows.push(row) - 1;
  }
}

/** The tables of `counted-evidence` in the model, tokens counted from 1. */
export function packTables(
  kinds: EvidenceKinds,
  exponents: Exponents,
  vocabSize: number,
): { readonly sizes: EvidenceSizes; readonly tables: ParameterValues } {
  const tables = new Map<string, ParameterValue>();
  const set = (name: string, data: Float32Array, width: number) =>
    tables.set(`${EVIDENCE}.${name}`, { shape: [data.length / width, width], data });
  const lists = new Lists(vocabSize);
  for (const { name } of SINGLE_CONTEXTS) {
    set(`${name}.contexts`, singleTable(kinds.get(name), exponents, lists, vocabSize), SINGLE_COLUMNS);
  }
  const slots = PAIR_CONTEXTS.map(({ name }) => {
    const { hashes, table } = pairTables(kinds.get(name), exponents, lists, vocabSize);
    set(`${name}.hashes`, hashes, HASH_COLUMNS);
    set(`${name}.slots`, table, SLOT_COLUMNS);
    return table.length / SLOT_COLUMNS;
  });
  set('ids', Float32Array.from(lists.ids), 1);
  set('values', Float32Array.from(lists.values), 1);
  const rows = new Float32Array(lists.rows.length * vocabSize);
  for (const [index, row] of lists.rows.entries()) rows.set(row, index * vocabSize);
  set('rows', rows, vocabSize);
  return { sizes: { entries: lists.ids.length, rows: lists.rows.length, slots }, tables };
}

function singleTable(kind: Kind, exponents: Exponents, all: Lists, vocabSize: number): Float32Array {
  const table = new Float32Array(SINGLE_COLUMNS * (vocabSize + 1));
  const { lists, name, width, becomesRows } = kind;
  for (const [place, id] of lists.contexts.entries()) {
    const total = lists.totals[place] as number;
    const factor = exponents.at(name, total);
    const isRow = becomesRows && lists.kinds(place) > width;
    const [start, length] = isRow ? [0, 0] : all.addList(kind, place);
    const alone = `${name}_alone` as ExponentName;
    const last = becomesRows ? (isRow ? all.addRow(kind, place, factor) : 0) : exponents.at(alone, total);
    table.set([start, length, factor, last], SINGLE_COLUMNS * (id + 1));
  }
  return table;
}

function pairTables(kind: Kind, exponents: Exponents, all: Lists, V: number) {
  const { lists, name } = kind;
  const pairs = Array.from(
    lists.contexts,
    (context): Pair => [Math.floor(context / V) + 1, (context % V) + 1],
  );
  const { slots, hashes, pairAt } = layPairs(pairs, V + 1);
  const table = new Float32Array(SLOT_COLUMNS * slots);
  for (const [slot, place] of pairAt.entries()) {
    if (place < 0) continue;
    const [start, length] = all.addList(kind, place);
    const factor = exponents.at(name, lists.totals[place] as number);
    table.set([...(pairs[place] as Pair), start, length, factor], SLOT_COLUMNS * slot);
  }
  return { hashes: Float32Array.from(hashes), table };
}
