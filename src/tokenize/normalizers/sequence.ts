import type { AlignedText } from '../aligned-text.js';
import type { ComponentJson } from '../codec/schema.js';
import type { Normalizer } from '../component.js';
import { checkGrowth } from './growth.js';

/** Normalizers one after another. */
export class SequenceNormalizer implements Normalizer {
  readonly isLocal: boolean;

  constructor(private readonly members: readonly Normalizer[]) {
    this.isLocal = members.every(({ isLocal }) => isLocal);
  }

  normalize(text: AlignedText): AlignedText {
    return this.members.reduce((normalized, member) => {
      const next = member.normalize(normalized);
      checkGrowth(text.text.length, next.text.length);
      return next;
    }, text);
  }

  toJSON(): ComponentJson {
    return { type: 'Sequence', normalizers: this.members.map((member) => member.toJSON()) };
  }
}
