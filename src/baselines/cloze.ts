import type { MaskingPolicy } from '../masking/index.js';
import { ContextTable, type ContextWords } from './context-table.js';
import type { NgramCounts } from './counts.js';
import { normalise, smoothedUnigram } from './smoothed-unigram.js';

/**
 * How far each kind of evidence is trusted: an exponent on its ratio of probabilities. Pieces of evidence repeat each
 * other, so that counting them in full would be overconfident.
 */
export interface ClozeExponents {
  /** What one side says. */
  readonly side: number;
  /** What the neighbour but one of a visible neighbour says on its own. */
  readonly skip: number;
  /** The words seen between exactly these two neighbours, which both sides have already spoken for. */
  readonly between: number;
}

/**
 * Chosen on three parts of the training split of the State of the Union, each against counts of the rest: 2.87 nats, with
 * `skip` 0 2.89, with `between` 0 2.91 and with `between` 1 3.00. The optimum is flat: 0.05 more or less costs 0.01.
 */
const EXPONENTS: ClozeExponents = { side: 0.75, skip: 0.2, between: 0.5 };

/** One side's contexts: its neighbour, its two neighbours, and its neighbour but one whatever the nearest is. */
interface Side {
  readonly near: ContextTable;
  readonly far: ContextTable;
  readonly skip: ContextTable;
}

/** A context to look up in a table. */
type Clue = readonly [table: ContextTable, context: number];

/** What stands around a gap; undefined where the row ends or a mask hides it. */
export interface GapContext {
  readonly left: number | undefined;
  readonly left2: number | undefined;
  readonly right: number | undefined;
  readonly right2: number | undefined;
}

/**
 * The count-based rival, a product of experts (Hinton 2002). With p0 the unigram, and with one-sided n-grams under
 * absolute discounting, interpolated down to p0:
 *
 *     q(w) ~ p0(w) * product over both sides of (p(w | near, far) / p0(w))^side * (p(w | far) / p0(w))^skip
 *     p(w) ~ q(w) * (p(w | left, right) / q(w))^between
 *
 * where p(w | left, right) counts the words between exactly these two neighbours, interpolated with q. Of a side whose
 * nearest neighbour is hidden, the one beyond speaks alone: (p(w | far) / p0(w))^side.
 */
export class ClozeBaseline {
  /** Smoothed unigram probabilities, f64[V]; 0 for special ids. */
  readonly unigram: Float64Array;
  private readonly leftSide: Side;
  private readonly rightSide: Side;
  private readonly between: ContextTable;
  private readonly evidence: Float64Array;
  private readonly touched: number[] = [];

  constructor(
    private readonly counts: NgramCounts,
    private readonly exponents = EXPONENTS,
  ) {
    const { vocabSize: V, bigrams, trigrams } = counts;
    const first = (key: number) => Math.floor(key / (V * V));
    const middle = (key: number) => Math.floor(key / V) % V;
    const last = (key: number) => key % V;
    this.unigram = smoothedUnigram(counts);
    this.leftSide = {
      near: new ContextTable(bigrams, V),
      far: new ContextTable(trigrams, V),
      skip: ContextTable.from(trigrams, V, (key) => first(key) * V + last(key)),
    };
    this.rightSide = {
      near: ContextTable.from(bigrams, V, (key) => last(key) * V + Math.floor(key / V)),
      far: ContextTable.from(trigrams, V, (key) => (last(key) * V + middle(key)) * V + first(key)),
      skip: ContextTable.from(trigrams, V, (key) => last(key) * V + first(key)),
    };
    this.between = ContextTable.from(trigrams, V, (key) => (first(key) * V + last(key)) * V + middle(key));
    this.evidence = new Float64Array(V).fill(1);
  }

  /** Probabilities of every id in a gap, f64[V]; special ids get 0 and the rest sum to 1. */
  distribution({ left, left2, right, right2 }: GapContext): Float64Array {
    const weights = Float64Array.from(this.unigram);
    this.multiplySide(weights, this.leftSide, left, left2);
    this.multiplySide(weights, this.rightSide, right, right2);
    normalise(weights);
    if (left === undefined || right === undefined) return weights;
    const clue: Clue = [this.between, left * this.counts.vocabSize + right];
    this.multiplyEvidence(weights, [clue], weights, this.exponents.between);
    return normalise(weights);
  }

  private multiplySide(
    weights: Float64Array,
    tables: Side,
    near: number | undefined,
    far: number | undefined,
  ): void {
    const { side, skip } = this.exponents;
    if (near !== undefined) {
      const clues: Clue[] = [[tables.near, near]];
      if (far !== undefined) clues.push([tables.far, far * this.counts.vocabSize + near]);
      this.multiplyEvidence(weights, clues, this.unigram, side);
    }
    if (far !== undefined) {
      this.multiplyEvidence(weights, [[tables.skip, far]], this.unigram, near === undefined ? side : skip);
    }
  }

  /**
   * Multiplies by (p(w | clues) / prior(w))^exponent, up to a constant factor that normalisation removes. Each clue is
   * interpolated with the one before it, the first with the prior, which may be `weights` itself.
   */
  private multiplyEvidence(
    weights: Float64Array,
    clues: readonly Clue[],
    prior: Float64Array,
    exponent: number,
  ): void {
    // What a word that is seen in no context keeps of its prior; the evidence of others is relative to that.
    let kept = 1;
    for (const [table, context] of clues) {
      const words = table.lookUp(context);
      if (!words) break;
      kept *= words.backoff;
      this.addEvidence(table, words, prior, kept);
    }
    for (const word of this.touched) {
      // exp and log take half the time of a power here.
      const factor = Math.exp(exponent * Math.log(this.evidence[word] as number));
      weights[word] = (weights[word] as number) * factor;
      this.evidence[word] = 1;
    }
    this.touched.length = 0;
  }

  private addEvidence(table: ContextTable, words: ContextWords, prior: Float64Array, kept: number): void {
    table.forEach(words, (word, share) => {
      const before = prior[word] as number;
      if (before === 0) return;
      if (this.evidence[word] === 1) this.touched.push(word);
      this.evidence[word] = (this.evidence[word] as number) + share / (before * kept);
    });
  }
}

/**
 * What a predicted position's own input says (Bayes): the mask token nothing; another token that it is the true one with
 * odds keepShare : randomShare / ordinary ids. Changes `distribution` in place and returns it.
 */
export function updateOnInput(
  distribution: Float64Array,
  inputId: number,
  maskId: number,
  policy: MaskingPolicy,
  ordinaryIds: number,
): Float64Array {
  if (inputId === maskId) return distribution;
  const own = distribution[inputId] as number;
  const random = policy.randomShare / ordinaryIds;
  for (let id = 0; id < distribution.length; id++) distribution[id] = (distribution[id] as number) * random;
  distribution[inputId] = own * (random + policy.keepShare);
  return normalise(distribution);
}
