import { type AuditedSequence, type Declaration, expectedPredictions, IGNORED_LABEL } from './declaration.js';

/** What must never happen, whatever the rates. */
export type Impossible =
  | 'special token predicted'
  | 'special token inserted'
  | 'special token changed'
  | 'never-mask token predicted'
  | 'corrupted without loss'
  | 'label is not the token'
  | 'id outside the vocabulary'
  | 'sequence without a mask';

/** An impossible thing that happened, by id. */
export interface Incident {
  readonly what: Impossible;
  /** The id it happened to; undefined for whole sequences. */
  readonly id?: number | undefined;
  readonly count: number;
  /** Where it was seen first. */
  readonly sequence: number;
  readonly position?: number | undefined;
}

/** Counts what a masking did, sequence by sequence. */
export class AuditTally {
  sequences = 0;
  /** Maskable positions: each is a decision whether to predict it. */
  decisions = 0;
  predicted = 0;
  expected = 0;
  variance = 0;
  /** What predicted positions show. */
  readonly shown = { mask: 0, random: 0, keep: 0 };
  /** Random tokens that are not the token itself, by id; and what they replaced, by id. */
  readonly inserted: Float64Array;
  readonly replaced: Float64Array;
  private readonly found = new Map<string, Incident>();
  private readonly specialIds: ReadonlySet<number>;
  private readonly neverMaskIds: ReadonlySet<number>;

  constructor(readonly declaration: Declaration) {
    const { vocabSize, specialIds, neverMaskIds = [] } = declaration.vocabulary;
    this.inserted = new Float64Array(vocabSize);
    this.replaced = new Float64Array(vocabSize);
    this.specialIds = new Set(specialIds);
    this.neverMaskIds = new Set(neverMaskIds);
  }

  /** Counts one sequence; `declaration` may change from one to the next in its policy. */
  add(sequence: AuditedSequence, declaration: Declaration = this.declaration): void {
    let [maskable, predicted] = [0, 0];
    const { inputIds, labels, originalIds } = sequence;
    const isExtraDeclared = (declaration.policy.corruptionRate ?? 0) > declaration.policy.rate;
    for (let position = 0; position < inputIds.length; position++) {
      const input = inputIds[position] as number;
      const label = labels[position] as number;
      const isPredicted = label !== IGNORED_LABEL;
      const original = originalIds ? (originalIds[position] as number) : isPredicted ? label : input;
      const place = { input, label, original, position };
      if (this.isOutside(place)) continue;
      const isSpecial = this.specialIds.has(original);
      if (!isSpecial && !this.neverMaskIds.has(original)) maskable++;
      if (isPredicted) {
        predicted++;
        this.addPrediction(place);
      } else this.checkUnpredicted(place, isExtraDeclared);
    }
    const { mean, variance } = expectedPredictions(maskable, declaration);
    if (maskable > 0 && predicted === 0) this.note('sequence without a mask', {});
    this.sequences++;
    this.decisions += maskable;
    this.predicted += predicted;
    this.expected += mean;
    this.variance += variance;
  }

  /** What must not have happened and did, most frequent first. */
  get incidents(): Incident[] {
    return [...this.found.values()].sort((a, b) => b.count - a.count);
  }

  private addPrediction({ input, label, original, position }: Place): void {
    if (this.specialIds.has(label)) this.note('special token predicted', { id: label, position });
    if (this.neverMaskIds.has(label)) this.note('never-mask token predicted', { id: label, position });
    if (label !== original) this.note('label is not the token', { id: label, position });
    if (input === this.declaration.vocabulary.maskId) {
      this.shown.mask++;
      return;
    }
    if (input === original) {
      this.shown.keep++;
      return;
    }
    this.shown.random++;
    this.inserted[input] = (this.inserted[input] as number) + 1;
    this.replaced[original] = (this.replaced[original] as number) + 1;
    if (this.specialIds.has(input)) this.note('special token inserted', { id: input, position });
  }

  private checkUnpredicted({ input, original, position }: Place, isExtraDeclared: boolean): void {
    const isMask = input === this.declaration.vocabulary.maskId;
    if (input === original && !isMask) return;
    if (this.specialIds.has(original) && input !== original) {
      this.note('special token changed', { id: original, position });
    } else if (!isExtraDeclared) this.note('corrupted without loss', { id: original, position });
  }

  private isOutside({ input, label, original, position }: Place): boolean {
    const { vocabSize } = this.declaration.vocabulary;
    const isKnown = (id: number) => Number.isInteger(id) && id >= 0 && id < vocabSize;
    const outside = [input, original, ...(label === IGNORED_LABEL ? [] : [label])].find((id) => !isKnown(id));
    if (outside === undefined) return false;
    this.note('id outside the vocabulary', { id: outside, position });
    return true;
  }

  private note(what: Impossible, { id, position }: { id?: number; position?: number }): void {
    const key = `${what}/${id}`;
    const known = this.found.get(key);
    this.found.set(
      key,
      known
        ? { ...known, count: known.count + 1 }
        : { what, id, count: 1, sequence: this.sequences, position },
    );
  }
}

interface Place {
  readonly input: number;
  readonly label: number;
  readonly original: number;
  readonly position: number;
}
