import type { ComponentJson } from '../codec/schema.js';
import type { TextColumns } from '../columns.js';
import { specialColumns, withTypeId } from '../columns.js';
import type { PostProcessor } from '../component.js';
import { trimOffsets } from './trim-offsets.js';

export interface RobertaOptions {
  readonly cls: { readonly token: string; readonly id: number };
  readonly sep: { readonly token: string; readonly id: number };
  /** Leave the spaces at the ends of tokens out of their offsets. */
  readonly trimOffsets: boolean;
  /** The pre-tokenizer puts a space before the text. */
  readonly addPrefixSpace: boolean;
}

/** RoBERTa's template, `<s> A </s>` and `</s> B </s>`, everything of type 0 (Liu et al. 2019). */
export class RobertaPostProcessor implements PostProcessor {
  constructor(private readonly options: RobertaOptions) {}

  addedTokens(isPair: boolean): number {
    return isPair ? 4 : 2;
  }

  process(sequences: readonly TextColumns[], addSpecialTokens: boolean): TextColumns[] {
    const { cls, sep, addPrefixSpace } = this.options;
    const special = ({ token, id }: { token: string; id: number }) =>
      specialColumns({ ids: [id], tokens: [token] }, 0);
    return sequences.flatMap((sequence, index) => {
      const trimmed = this.options.trimOffsets ? trimOffsets(sequence, addPrefixSpace) : sequence;
      const body = withTypeId(trimmed, 0);
      return addSpecialTokens ? [special(index === 0 ? cls : sep), body, special(sep)] : [body];
    });
  }

  toJSON(): ComponentJson {
    const { cls, sep } = this.options;
    return {
      type: 'RobertaProcessing',
      sep: [sep.token, sep.id],
      cls: [cls.token, cls.id],
      trim_offsets: this.options.trimOffsets,
      add_prefix_space: this.options.addPrefixSpace,
    };
  }
}
