import type { MaskingPolicy } from '../masking/index.js';
import { ContextTable, type ContextWords } from './context-table.js';
import type { NgramCounts } from './counts.js';

/**
 * Exponent on each side's evidence: left and right context repeat each other, and counting both in full would be
 * overconfident. Chosen on a part of a training split (docs/log.md).
 */
const EVIDENCE_EXPONENT = 0.8;

/** One side's contexts, nearest neighbour first. */
interface Side {
  readonly near: ContextTable;
  readonly far: ContextTable;
}

/** What stands around a gap; undefined where the row ends or a mask hides it. */
export interface GapContext {
  readonly left: number | undefined;
  readonly left2: number | undefined;
  readonly right: number | undefined;
  readonly right2: number | undefined;
}

/**
 * The count-based rival: for a gap between neighbours it multiplies what the left side says, interpolated bigrams and
 * trigrams with absolute discounting, with what the right side says, and interpolates the product with the words seen
 * between exactly these two neighbours: p(w | l, r) backs off to p0(w) * (p(w | left) / p0(w))^g * (p(w | right) / p0(w))^g.
 */
export class ClozeBaseline {
  /** Smoothed unigram probabilities, f64[V]; 0 for special ids. */
  readonly unigram: Float64Array;
  private readonly leftSide: Side;
  private readonly rightSide: Side;
  private readonly between: ContextTable;
  private readonly evidence: Float64Array;
  private readonly touched: number[] = [];

  /** `evidenceExponent` is the g of the formula. */
  constructor(
    private readonly counts: NgramCounts,
    private readonly evidenceExponent = EVIDENCE_EXPONENT,
  ) {
    const { vocabSize: V, bigrams, trigrams } = counts;
    const first = (key: number) => Math.floor(key / (V * V));
    const middle = (key: number) => Math.floor(key / V) % V;
    this.unigram = smoothedUnigram(counts);
    this.leftSide = { near: new ContextTable(bigrams, V), far: new ContextTable(trigrams, V) };
    this.rightSide = {
      near: ContextTable.from(bigrams, V, (key) => (key % V) * V + Math.floor(key / V)),
      far: ContextTable.from(trigrams, V, (key) => ((key % V) * V + middle(key)) * V + first(key)),
    };
    this.between = ContextTable.from(trigrams, V, (key) => (first(key) * V + (key % V)) * V + middle(key));
    this.evidence = new Float64Array(V).fill(1);
  }

  /** Probabilities of every id in a gap, f64[V]; special ids get 0 and the rest sum to 1. */
  distribution({ left, left2, right, right2 }: GapContext): Float64Array {
    const { vocabSize: V } = this.counts;
    const weights = Float64Array.from(this.unigram);
    this.multiplyEvidence(weights, this.leftSide, left, left2);
    this.multiplyEvidence(weights, this.rightSide, right, right2);
    normalise(weights);
    if (left === undefined || right === undefined) return weights;
    const words = this.between.lookUp(left * V + right);
    if (!words) return weights;
    for (let id = 0; id < V; id++) weights[id] = (weights[id] as number) * words.backoff;
    this.between.forEach(words, (word, share) => {
      if (this.unigram[word] !== 0) weights[word] = (weights[word] as number) + share;
    });
    return normalise(weights);
  }

  /** Multiplies by (p(w | side) / p0(w))^g, up to a constant factor that normalisation removes. */
  private multiplyEvidence(
    weights: Float64Array,
    side: Side,
    near: number | undefined,
    far: number | undefined,
  ): void {
    if (near === undefined) return;
    const { vocabSize: V } = this.counts;
    const nearWords = side.near.lookUp(near);
    if (!nearWords) return;
    // Relative to a word never seen in the near context, whose ratio to p0 is the near back-off mass.
    this.addEvidence(side.near, nearWords, nearWords.backoff);
    const farWords = far === undefined ? undefined : side.far.lookUp(far * V + near);
    if (farWords) this.addEvidence(side.far, farWords, nearWords.backoff * farWords.backoff);
    for (const word of this.touched) {
      weights[word] = (weights[word] as number) * (this.evidence[word] as number) ** this.evidenceExponent;
      this.evidence[word] = 1;
    }
    this.touched.length = 0;
  }

  private addEvidence(table: ContextTable, words: ContextWords, base: number): void {
    table.forEach(words, (word, share) => {
      const prior = this.unigram[word] as number;
      if (prior === 0) return;
      if (this.evidence[word] === 1) this.touched.push(word);
      this.evidence[word] = (this.evidence[word] as number) + share / (prior * base);
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

/** Add-one smoothing over the ids that may be predicted. */
function smoothedUnigram({ unigrams, specialIds }: NgramCounts): Float64Array {
  const smoothed = unigrams.map((count) => count + 1);
  for (const id of specialIds) smoothed[id] = 0;
  return normalise(smoothed);
}

function normalise(weights: Float64Array): Float64Array {
  let sum = 0;
  for (let id = 0; id < weights.length; id++) sum += weights[id] as number;
  for (let id = 0; id < weights.length; id++) weights[id] = (weights[id] as number) / sum;
  return weights;
}
