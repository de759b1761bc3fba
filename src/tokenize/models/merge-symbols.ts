import type { Piece } from '../component.js';
import { Heap } from '../heap.js';
import type { MergeTable } from './merge-table.js';

/** A merge that could be made at symbol `at` and the one after it. */
interface PossibleMerge {
  readonly rank: number;
  readonly at: number;
  /** The token that it would give. */
  readonly joined: number;
}

function precedes(a: PossibleMerge, b: PossibleMerge): boolean {
  return a.rank !== b.rank ? a.rank < b.rank : a.at < b.at;
}

const NONE = -1;

/**
 * Joins neighbouring pieces of a word: always the pair of lowest rank, of equal ones the leftmost, until no pair
 * is in the table (Sennrich et al. 2016). Takes time n log n for n pieces.
 */
export function mergeSymbols(symbols: readonly Piece[], table: MergeTable): readonly Piece[] {
  if (table.size === 0 || symbols.length < 2) return symbols;
  const pieces: (Piece | undefined)[] = [...symbols];
  const nexts = symbols.map((_, at) => (at + 1 < symbols.length ? at + 1 : NONE));
  const previous = symbols.map((_, at) => at - 1);
  const queue = new Heap<PossibleMerge>(precedes);
  const mergeAt = (at: number): PossibleMerge | undefined => {
    const left = pieces[at];
    const right = pieces[nexts[at] ?? NONE];
    if (left === undefined || right === undefined) return undefined;
    const merge = table.find(left.id, right.id);
    return merge < 0 ? undefined : { rank: table.rankOf(merge), at, joined: table.joinedOf(merge) };
  };
  const enqueue = (at: number): void => {
    const merge = mergeAt(at);
    if (merge !== undefined) queue.push(merge);
  };
  for (let at = 0; at < symbols.length; at++) enqueue(at);
  for (let top = queue.pop(); top !== undefined; top = queue.pop()) {
    const { at, joined } = top;
    if (mergeAt(at)?.joined !== joined) continue; // Other symbols stand there by now.
    const removed = nexts[at] as number;
    const next = nexts[removed] as number;
    pieces[at] = { id: joined, start: (pieces[at] as Piece).start, end: (pieces[removed] as Piece).end };
    pieces[removed] = undefined;
    nexts[at] = next;
    if (next !== NONE) previous[next] = at;
    enqueue(previous[at] as number);
    enqueue(at);
  }
  return pieces.filter((piece) => piece !== undefined);
}
