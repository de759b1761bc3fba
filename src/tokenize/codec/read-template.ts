import { z } from 'zod';
import type { PostProcessor } from '../component.js';
import { type TemplatePiece, TemplatePostProcessor } from '../post-processors/template.js';
import { formatErrorAt, type Located, parse } from './parse.js';

/** Pieces of a template, and tokens of one piece, at most. */
const MAX_PIECES = 64;

const templatePieceSchema = z.union([
  z.strictObject({
    SpecialToken: z.strictObject({ id: z.string(), type_id: z.int().nonnegative() }),
  }),
  z.strictObject({
    Sequence: z.strictObject({ id: z.enum(['A', 'B']), type_id: z.int().nonnegative() }),
  }),
]);

type TemplatePieceJson = z.infer<typeof templatePieceSchema>;

const templateProcessingSchema = z.strictObject({
  type: z.literal('TemplateProcessing'),
  single: z.array(templatePieceSchema).max(MAX_PIECES),
  pair: z.array(templatePieceSchema).max(MAX_PIECES),
  special_tokens: z.record(
    z.string(),
    z.strictObject({
      id: z.string(),
      ids: z.array(z.int().nonnegative()).max(MAX_PIECES),
      tokens: z.array(z.string()),
    }),
  ),
});

/** Reads TemplateProcessing; throws FormatError for a template that names an unknown special token or text. */
export function readTemplateProcessing(located: Located): PostProcessor {
  const json = parse(templateProcessingSchema, located);
  const specials = new Map(Object.entries(json.special_tokens));
  for (const [name, { ids, tokens }] of specials) {
    if (ids.length !== tokens.length) {
      const path = `${located.path}.special_tokens.${name}`;
      throw formatErrorAt(
        { ...located, path },
        `expected as many ids as tokens, got ${ids.length} and ${tokens.length}`,
      );
    }
  }
  const readPieces = (
    pieces: readonly TemplatePieceJson[],
    name: string,
    sequences: string,
  ): TemplatePiece[] =>
    pieces.map((piece, index) => {
      const read = readPiece(piece);
      const known = 'special' in read ? specials.has(read.special) : sequences.includes(read.sequence);
      const path = `${located.path}.${name}.${index}`;
      if (!known) throw formatErrorAt({ ...located, path }, `${JSON.stringify(piece)} refers to nothing`);
      return read;
    });
  return new TemplatePostProcessor(
    readPieces(json.single, 'single', 'A'),
    readPieces(json.pair, 'pair', 'AB'),
    specials,
  );
}

function readPiece(piece: TemplatePieceJson): TemplatePiece {
  return 'SpecialToken' in piece
    ? { special: piece.SpecialToken.id, typeId: piece.SpecialToken.type_id }
    : { sequence: piece.Sequence.id, typeId: piece.Sequence.type_id };
}
