import type { TextScore } from './score.js';

/** A minimal pair: which of two sentences a model finds likelier. */
export interface PairScore {
  readonly good: TextScore;
  readonly bad: TextScore;
  /** Log-likelihood of the good sentence less that of the bad one. */
  readonly differenceNats: number;
  readonly isTie: boolean;
  /** The good sentence is strictly likelier; a tie is not correct. */
  readonly isCorrect: boolean;
}

export interface PairSummary {
  readonly pairs: number;
  readonly correct: number;
  readonly ties: number;
  readonly accuracy: number;
}

/** Sums of float32 logarithms differ by this much for the same sentence in another batch: no difference at all. */
const TIE_NATS = 1e-4;

export function comparePair(good: TextScore, bad: TextScore): PairScore {
  const differenceNats = good.pseudoLogLikelihoodNats - bad.pseudoLogLikelihoodNats;
  const isTie = Math.abs(differenceNats) <= TIE_NATS;
  return { good, bad, differenceNats, isTie, isCorrect: !isTie && differenceNats > 0 };
}

export function summarisePairs(pairs: Iterable<Pick<PairScore, 'isTie' | 'isCorrect'>>): PairSummary {
  let [count, correct, ties] = [0, 0, 0];
  for (const pair of pairs) {
    count++;
    correct += Number(pair.isCorrect);
    ties += Number(pair.isTie);
  }
  return { pairs: count, correct, ties, accuracy: correct / count };
}
