import { ConfigError } from '../../core/index.js';
import type { ComponentJson, JsonValue } from '../codec/schema.js';
import type { TextColumns } from '../columns.js';
import { specialColumns, withTypeId } from '../columns.js';
import type { PostProcessor } from '../component.js';

/** Part of a template: special tokens, or one of the texts. */
export type TemplatePiece =
  | { readonly special: string; readonly typeId: number }
  | { readonly sequence: 'A' | 'B'; readonly typeId: number };

/** What a special token of a template becomes: as many ids as tokens. */
export interface TemplateSpecial {
  readonly ids: readonly number[];
  readonly tokens: readonly string[];
}

/** Puts special tokens around one text or a pair by a template such as `[CLS] $A [SEP] $B [SEP]`. */
export class TemplatePostProcessor implements PostProcessor {
  /** Every special token that a template names is a key of `specials`. */
  constructor(
    private readonly single: readonly TemplatePiece[],
    private readonly pair: readonly TemplatePiece[],
    private readonly specials: ReadonlyMap<string, TemplateSpecial>,
  ) {}

  /** BERT's template: `[CLS] $A [SEP]`, and `$B [SEP]` of type 1 for a pair. */
  static bert(cls: { token: string; id: number }, sep: { token: string; id: number }): TemplatePostProcessor {
    const single: TemplatePiece[] = [
      { special: cls.token, typeId: 0 },
      { sequence: 'A', typeId: 0 },
      { special: sep.token, typeId: 0 },
    ];
    const second: TemplatePiece[] = [
      { sequence: 'B', typeId: 1 },
      { special: sep.token, typeId: 1 },
    ];
    const specials = [cls, sep].map(({ token, id }) => [token, { ids: [id], tokens: [token] }] as const);
    return new TemplatePostProcessor(single, [...single, ...second], new Map(specials));
  }

  addedTokens(isPair: boolean): number {
    return (isPair ? this.pair : this.single).reduce(
      (sum, piece) => sum + ('special' in piece ? this.special(piece.special).ids.length : 0),
      0,
    );
  }

  process(sequences: readonly TextColumns[], addSpecialTokens: boolean): TextColumns[] {
    if (sequences.length > 2) {
      throw new ConfigError(`template: expected one text or a pair, got ${sequences.length} parts`);
    }
    return (sequences.length === 1 ? this.single : this.pair).flatMap((piece) => {
      if ('sequence' in piece) {
        return withTypeId(sequences[piece.sequence === 'A' ? 0 : 1] as TextColumns, piece.typeId);
      }
      return addSpecialTokens ? specialColumns(this.special(piece.special), piece.typeId) : [];
    });
  }

  private special(name: string): TemplateSpecial {
    return this.specials.get(name) as TemplateSpecial;
  }

  toJSON(): ComponentJson {
    const specials = [...this.specials].map(([id, { ids, tokens }]) => {
      return [id, { id, ids: [...ids], tokens: [...tokens] }] as [string, JsonValue];
    });
    return {
      type: 'TemplateProcessing',
      single: this.single.map(templatePieceToJson),
      pair: this.pair.map(templatePieceToJson),
      special_tokens: Object.fromEntries(specials),
    };
  }
}

function templatePieceToJson(piece: TemplatePiece): JsonValue {
  return 'special' in piece
    ? { SpecialToken: { id: piece.special, type_id: piece.typeId } }
    : { Sequence: { id: piece.sequence, type_id: piece.typeId } };
}
