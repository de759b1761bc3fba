import type { PostProcessorJson, TemplatePieceJson, TemplateSpecialJson } from '../codec/schema.js';
import type { PostProcessor, Sequence } from '../component.js';
import type { Encoding } from '../tokenizer.js';

/** Part of a template: special tokens, or one of the texts. */
export type TemplatePiece =
  | { readonly special: string; readonly typeId: number }
  | { readonly sequence: 'A' | 'B'; readonly typeId: number };

/** What a special token of a template becomes: as many ids as tokens. */
export interface TemplateSpecial {
  readonly ids: readonly number[];
  readonly tokens: readonly string[];
}

type Columns = { -readonly [Column in keyof Encoding]: Encoding[Column][number][] };

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

  process(first: Sequence, second: Sequence | undefined, addSpecialTokens: boolean): Encoding {
    const columns: Columns = {
      ids: [],
      tokens: [],
      offsets: [],
      wordIds: [],
      specialTokensMask: [],
      typeIds: [],
    };
    for (const piece of second === undefined ? this.single : this.pair) {
      if ('special' in piece) {
        if (addSpecialTokens) appendSpecial(columns, this.specials.get(piece.special), piece.typeId);
      } else {
        appendSequence(columns, piece.sequence === 'A' ? first : second, piece.typeId);
      }
    }
    return columns;
  }

  toJSON(): PostProcessorJson {
    const specials = [...this.specials].map(([id, { ids, tokens }]) => {
      return [id, { id, ids: [...ids], tokens: [...tokens] }] as [string, TemplateSpecialJson];
    });
    return {
      type: 'TemplateProcessing',
      single: this.single.map(templatePieceToJson),
      pair: this.pair.map(templatePieceToJson),
      special_tokens: Object.fromEntries(specials),
    };
  }
}

function templatePieceToJson(piece: TemplatePiece): TemplatePieceJson {
  return 'special' in piece
    ? { SpecialToken: { id: piece.special, type_id: piece.typeId } }
    : { Sequence: { id: piece.sequence, type_id: piece.typeId } };
}

function appendSpecial(columns: Columns, special: TemplateSpecial | undefined, typeId: number): void {
  special?.ids.forEach((id, index) => {
    columns.ids.push(id);
    columns.tokens.push(special.tokens[index] as string);
    columns.offsets.push([0, 0]);
    columns.wordIds.push(null);
    columns.specialTokensMask.push(1);
    columns.typeIds.push(typeId);
  });
}

function appendSequence(columns: Columns, sequence: Sequence | undefined, typeId: number): void {
  sequence?.ids.forEach((id, index) => {
    columns.ids.push(id);
    columns.tokens.push(sequence.tokens[index] as string);
    columns.offsets.push(sequence.offsets[index] as readonly [number, number]);
    columns.wordIds.push(sequence.wordIds[index] as number | null);
    columns.specialTokensMask.push(0);
    columns.typeIds.push(typeId);
  });
}
