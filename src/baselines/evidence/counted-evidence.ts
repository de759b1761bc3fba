import type { Batch } from '../../data/index.js';
import type { EvidenceSizes, ParameterValues } from '../../model/index.js';
import type { GapContext } from '../cloze.js';
import type { NgramCounts } from '../counts.js';
import { contextOf } from '../score.js';
import { normalise } from '../smoothed-unigram.js';
import { type ExponentName, Exponents } from './exponents.js';
import { EvidenceKinds, type Kind } from './kinds.js';
import { packTables } from './tables.js';

/** A context of a gap that was seen in training. */
interface Clue {
  readonly kind: Kind;
  /** Place of the context in the kind's lists. */
  readonly place: number;
  readonly name: ExponentName;
  /** How often it was seen, and what its list says of a word that is left out: as it stands, and without it. */
  readonly total: number;
  readonly stored: number;
  readonly leftOut: number;
}

/** Where the gaps of a batch are. */
export interface GapQuestion {
  /** T */
  readonly sequenceLength: number;
  readonly maskId: number;
}

/**
 * What the n-grams of a training split say about a token whose neighbours are known, as additions to logits: the cloze
 * baseline's product of experts with sparse factors, which a model can look up. See `modernbert-counts`.
 */
export class CountedEvidence {
  private readonly kinds: EvidenceKinds;
  private readonly exponents = new Exponents();
  private packed: { readonly sizes: EvidenceSizes; readonly tables: ParameterValues } | undefined;

  /** `silentIds` say nothing as neighbours: the mask and padding. */
  constructor(
    private readonly counts: NgramCounts,
    silentIds: readonly number[],
  ) {
    this.kinds = new EvidenceKinds(counts, silentIds);
  }

  get sizes(): EvidenceSizes {
    return this.whole.sizes;
  }

  /** The tables by parameter name. */
  get tables(): ParameterValues {
    return this.whole.tables;
  }

  private get whole() {
    this.packed ??= packTables(this.kinds, this.exponents, this.counts.vocabSize);
    return this.packed;
  }

  /**
   * Fits the exponents to masked positions of the training split, each left out of its own counts. The positions of one
   * batch make a step.
   */
  calibrate(batches: Iterable<Batch>, question: GapQuestion): void {
    for (const batch of batches) {
      const gradient = this.exponents.zeros();
      for (let index = 0; index < batch.maskedCount; index++) {
        const position = batch.positions[index] as number;
        if (batch.inputIds[position] !== question.maskId) continue;
        this.addGradient(
          gradient,
          contextOf(batch.inputIds, position, question),
          batch.labels[index] as number,
        );
      }
      this.exponents.descend(gradient.map((slope) => slope / Math.max(1, batch.maskedCount)));
    }
  }

  /**
   * Probabilities of every id in a gap by the unigram and the evidence alone, f64[V]; `without` is a word that was seen
   * there and is to be left out of the counts.
   */
  distribution(gap: GapContext, without?: number): Float64Array {
    return this.distributionOf(this.clues(gap, without), without);
  }

  /** What is to be added to the logit of a word in a gap, so that the word there is left out of the counts. */
  correction(gap: GapContext, label: number): number {
    return this.clues(gap, label).reduce((sum, { kind, place, name, total, stored, leftOut }) => {
      const told = this.exponents.at(name, kind.lists.totals[place] as number) * stored;
      return sum + this.exponents.at(name, total) * leftOut - told;
    }, 0);
  }

  /** The corrections of a batch's labels, f32[M]; 0 for padding. */
  corrections({ inputIds, positions, labels, maskedCount }: Batch, question: GapQuestion): Float32Array {
    return Float32Array.from(labels, (label, index) => {
      if (index >= maskedCount) return 0;
      return this.correction(contextOf(inputIds, positions[index] as number, question), label);
    });
  }

  private clues(gap: GapContext, without: number | undefined): Clue[] {
    return this.kinds.all.flatMap((kind) => {
      const context = kind.contextOf(gap);
      const place = context === undefined ? -1 : kind.lists.find(context);
      if (place < 0) return [];
      return [{ kind, place, name: this.exponentName(kind, gap), ...valuesOf(kind, place, without) }];
    });
  }

  private exponentName({ name }: Kind, { left, right }: GapContext): ExponentName {
    const says = (near: 'near_left' | 'near_right', id: number | undefined) =>
      id !== undefined && this.kinds.get(near).lists.find(id) >= 0;
    if (name === 'skip_left' && !says('near_left', left)) return 'skip_left_alone';
    if (name === 'skip_right' && !says('near_right', right)) return 'skip_right_alone';
    return name;
  }

  private distributionOf(clues: readonly Clue[], without: number | undefined): Float64Array {
    const logits = this.kinds.unigram.map(Math.log);
    for (const { kind, place, name, total, stored, leftOut } of clues) {
      const factor = this.exponents.at(name, total);
      forEachKept(kind, place, (id, value) => {
        logits[id] = (logits[id] as number) + factor * value;
      });
      if (without !== undefined) logits[without] = (logits[without] as number) + factor * (leftOut - stored);
    }
    return softmax(logits);
  }

  /** Adds the gradient of -ln p(label) by the exponents, the label left out of its own counts. */
  private addGradient(gradient: Float64Array, gap: GapContext, label: number): void {
    const clues = this.clues(gap, label);
    const p = this.distributionOf(clues, label);
    for (const { kind, place, name, total, stored, leftOut } of clues) {
      let expected = (p[label] as number) * (leftOut - stored);
      forEachKept(kind, place, (id, value) => {
        expected += (p[id] as number) * value;
      });
      const exponent = this.exponents.placeOf(name, total);
      gradient[exponent] = (gradient[exponent] as number) + expected - leftOut;
    }
  }
}

/** Calls `visit` with the words of a context's list and their values. */
function forEachKept({ lists }: Kind, place: number, visit: (id: number, value: number) => void): void {
  for (let entry = lists.startOf(place); entry < lists.endOf(place); entry++) {
    if (lists.isKept[entry] === 1) visit(lists.ids[entry] as number, lists.values[entry] as number);
  }
}

/** How often a context was seen and what its list says of a word, with that word seen there once less where one is given. */
function valuesOf(
  { lists, base }: Kind,
  place: number,
  without: number | undefined,
): Pick<Clue, 'total' | 'stored' | 'leftOut'> {
  const total = lists.totals[place] as number;
  const entry = without === undefined ? -1 : lists.entryOf(place, without);
  if (entry < 0 || without === undefined) return { total, stored: 0, leftOut: 0 };
  if (lists.isKept[entry] !== 1) return { total: total - 1, stored: 0, leftOut: 0 };
  const ratio = lists.ratio(place, entry, base(lists.contexts[place] as number, without, 1), 1);
  const stored = lists.values[entry] as number;
  return { total: total - 1, stored, leftOut: ratio - (lists.centres[place] as number) };
}

function softmax(logits: Float64Array): Float64Array {
  const largest = logits.reduce((most, logit) => Math.max(most, logit), Number.NEGATIVE_INFINITY);
  return normalise(logits.map((logit) => Math.exp(logit - largest)));
}
