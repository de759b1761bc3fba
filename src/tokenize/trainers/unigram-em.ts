import { UNK_PENALTY } from '../models/unigram.js';
import { PieceTrie } from '../piece-trie.js';
import type { Lattice, PieceScores } from './lattice.js';
import type { WordLattices } from './word-lattices.js';

/** The piece that stands for unknown characters while a vocabulary is learned. */
export const UNK_ID = 0;

/** Pieces that are expected to occur less often than this are dropped. */
const MIN_EXPECTED_COUNT = 0.5;

/**
 * A vocabulary that shrinks. Pieces keep their ids, so that the trie is built once; `ids` has those that are left,
 * in the reference's order, the unknown piece first.
 */
export class ShrinkingVocabulary implements PieceScores {
  readonly trie: PieceTrie;
  readonly scores: Float64Array;
  readonly unkId = UNK_ID;
  unkScore = 0;
  private left: readonly number[];

  /** `pieces` without the unknown one, with weights in proportion to their probabilities. */
  constructor(pieces: readonly (readonly [piece: string, weight: number])[]) {
    this.texts = ['', ...pieces.map(([piece]) => piece)];
    this.trie = new PieceTrie(this.texts.entries());
    const logSum = Math.log(pieces.reduce((sum, [, weight]) => sum + weight, 0));
    this.scores = Float64Array.from([Number.NaN, ...pieces.map(([, weight]) => Math.log(weight) - logSum)]);
    this.left = Array.from(this.texts.keys());
    this.updateUnkScore();
  }

  /** Pieces by id, dropped ones too. */
  readonly texts: readonly string[];

  get ids(): readonly number[] {
    return this.left;
  }

  /** Keeps the pieces `ids`, in this order, with their scores. */
  keep(ids: readonly number[]): void {
    const isKept = new Uint8Array(this.scores.length);
    for (const id of ids) isKept[id] = 1;
    for (const id of this.left) if (isKept[id] === 0) this.scores[id] = Number.NaN;
    this.left = ids;
    this.updateUnkScore();
  }

  private updateUnkScore(): void {
    this.unkScore = this.minScore() - UNK_PENALTY;
  }

  minScore(): number {
    let least = Number.POSITIVE_INFINITY;
    for (const id of this.left) {
      const score = this.scores[id] as number;
      if (score < least) least = score;
    }
    return least;
  }
}

/** Expectation: how often each piece occurs, over all ways to cut the words, weighted by their probability. */
export function expectedCounts(vocabulary: ShrinkingVocabulary, lattices: WordLattices): Float64Array {
  const expected = new Float64Array(vocabulary.scores.length);
  const marginals = new Marginals();
  lattices.forEach((lattice, count) => {
    marginals.addExpected(lattice, vocabulary, count, expected);
  });
  return expected;
}

/** Sums over paths, in logarithms: the forward-backward algorithm (Kudo 2018, section 3.2). */
class Marginals {
  private forward = new Float64Array(256);
  private backward = new Float64Array(256);
  private isReached = new Uint8Array(256);

  addExpected(lattice: Lattice, pieces: PieceScores, count: number, expected: Float64Array): void {
    const { first, last, ids, starts, ends, length } = lattice;
    const scoreOf = (node: number): number => {
      const id = ids[node] as number;
      return id === pieces.unkId ? pieces.unkScore : (pieces.scores[id] as number);
    };
    this.reset(length);
    const { forward, backward, isReached } = this;
    for (let node = first; node < last; node++) {
      const end = ends[node] as number;
      const score = scoreOf(node) + (forward[starts[node] as number] as number);
      forward[end] = isReached[end] === 1 ? logSumExp(forward[end] as number, score) : score;
      isReached[end] = 1;
    }
    for (let end = last; end > first; ) {
      const start = starts[end - 1] as number;
      let begin = end - 1;
      while (begin > first && starts[begin - 1] === start) begin--;
      for (let node = begin; node < end; node++) {
        const score = scoreOf(node) + (backward[ends[node] as number] as number);
        backward[start] = node === begin ? score : logSumExp(backward[start] as number, score);
      }
      end = begin;
    }
    const total = forward[length] as number;
    for (let node = first; node < last; node++) {
      const through = (forward[starts[node] as number] as number) + scoreOf(node);
      const logProbability = through + (backward[ends[node] as number] as number) - total;
      const id = ids[node] as number;
      expected[id] = (expected[id] as number) + count * Math.exp(logProbability);
    }
  }

  private reset(length: number): void {
    if (this.forward.length <= length) {
      this.forward = new Float64Array(2 * (length + 1));
      this.backward = new Float64Array(2 * (length + 1));
      this.isReached = new Uint8Array(2 * (length + 1));
    }
    this.forward[0] = 0;
    this.backward[length] = 0;
    this.isReached.fill(0, 0, length + 1);
  }
}

/**
 * Maximisation: new scores from expected counts, with the sparse prior of a Dirichlet process (Liang and Klein
 * 2007); rare pieces are dropped.
 */
export function maximise(vocabulary: ShrinkingVocabulary, expected: Float64Array): void {
  const kept = vocabulary.ids.filter((id) => id === UNK_ID || (expected[id] as number) >= MIN_EXPECTED_COUNT);
  let sum = 0;
  for (const id of kept) if (id !== UNK_ID) sum += expected[id] as number;
  const logSum = digamma(sum);
  for (const id of kept) {
    if (id !== UNK_ID) vocabulary.scores[id] = digamma(expected[id] as number) - logSum;
  }
  vocabulary.keep(kept);
}

/** log(exp(a) + exp(b)); the smaller is left out where it does not count. */
function logSumExp(a: number, b: number): number {
  const [less, more] = a > b ? [b, a] : [a, b];
  return more > less + 50 ? more : more + Math.log(Math.exp(less - more) + 1);
}

/** The derivative of the logarithm of the gamma function, by its asymptotic series. */
export function digamma(value: number): number {
  let x = value;
  let result = 0;
  for (; x < 7; x++) result -= 1 / x;
  x -= 1 / 2;
  const xx = 1 / x;
  const xx2 = xx * xx;
  const xx4 = xx2 * xx2;
  return (
    result +
    (Math.log(x) + (1 / 24) * xx2 - (7 / 960) * xx4 + (31 / 8064) * xx4 * xx2 - (127 / 30720) * xx4 * xx4)
  );
}
