import type { ComponentJson } from '../codec/schema.js';
import type { TextColumns } from '../columns.js';
import type { PostProcessor } from '../component.js';

/** Post-processors one after another, each over what the one before gives. */
export class SequencePostProcessor implements PostProcessor {
  constructor(private readonly members: readonly PostProcessor[]) {}

  addedTokens(isPair: boolean): number {
    return this.members.reduce((sum, member) => sum + member.addedTokens(isPair), 0);
  }

  process(sequences: readonly TextColumns[], addSpecialTokens: boolean): readonly TextColumns[] {
    return this.members.reduce((parts, member) => member.process(parts, addSpecialTokens), sequences);
  }

  toJSON(): ComponentJson {
    return { type: 'Sequence', processors: this.members.map((member) => member.toJSON()) };
  }
}
