import type { PostProcessor } from '../component.js';
import { type TemplatePiece, TemplatePostProcessor } from '../post-processors/template.js';
import { formatErrorAt, type Located, parse } from './parse.js';
import { type TemplatePieceJson, templateProcessingSchema } from './schema.js';

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
