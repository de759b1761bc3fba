import type { TextColumns } from '../columns.js';
import type { PostProcessor } from '../component.js';

/** Stands for no post-processor: the texts as they are. */
export class NoPostProcessor implements PostProcessor {
  addedTokens(): number {
    return 0;
  }

  process(sequences: readonly TextColumns[]): readonly TextColumns[] {
    return sequences;
  }

  toJSON(): null {
    return null;
  }
}
