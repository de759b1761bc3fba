import { z } from 'zod';

/**
 * Shapes of `tokenizer.json`, version 1.0, as Python `tokenizers` writes them. Objects are strict: a field
 * that is not read here could change the encoding, so it is an error rather than ignored.
 */

export const bertNormalizerSchema = z.strictObject({
  type: z.literal('BertNormalizer'),
  clean_text: z.boolean(),
  handle_chinese_chars: z.boolean(),
  strip_accents: z.boolean().nullable(),
  lowercase: z.boolean(),
});

export const bertPreTokenizerSchema = z.strictObject({ type: z.literal('BertPreTokenizer') });

const templatePieceSchema = z.union([
  z.strictObject({
    SpecialToken: z.strictObject({ id: z.string(), type_id: z.int().nonnegative() }),
  }),
  z.strictObject({
    Sequence: z.strictObject({ id: z.enum(['A', 'B']), type_id: z.int().nonnegative() }),
  }),
]);

export const templateProcessingSchema = z.strictObject({
  type: z.literal('TemplateProcessing'),
  single: z.array(templatePieceSchema),
  pair: z.array(templatePieceSchema),
  special_tokens: z.record(
    z.string(),
    z.strictObject({
      id: z.string(),
      ids: z.array(z.int().nonnegative()),
      tokens: z.array(z.string()),
    }),
  ),
});

const namedIdSchema = z.tuple([z.string(), z.int().nonnegative()]);

export const bertProcessingSchema = z.strictObject({
  type: z.literal('BertProcessing'),
  sep: namedIdSchema,
  cls: namedIdSchema,
});

export const wordPieceDecoderSchema = z.strictObject({
  type: z.literal('WordPiece'),
  prefix: z.string(),
  cleanup: z.boolean(),
});

export const wordPieceModelSchema = z.strictObject({
  type: z.literal('WordPiece'),
  unk_token: z.string(),
  continuing_subword_prefix: z.string(),
  max_input_chars_per_word: z.int().positive(),
  vocab: z.unknown(),
});

/** Added tokens as BERT tokenizers have them; the other matching options are not supported. */
export const addedTokenSchema = z.strictObject({
  id: z.int().nonnegative(),
  content: z.string().min(1),
  single_word: z.literal(false),
  lstrip: z.literal(false),
  rstrip: z.literal(false),
  normalized: z.literal(false),
  special: z.boolean(),
});

export const envelopeSchema = z.strictObject({
  version: z.literal('1.0'),
  truncation: z.null(),
  padding: z.null(),
  added_tokens: z.array(addedTokenSchema),
  normalizer: z.unknown(),
  pre_tokenizer: z.unknown(),
  post_processor: z.unknown(),
  decoder: z.unknown(),
  model: z.unknown(),
});

export type NormalizerJson = z.infer<typeof bertNormalizerSchema>;
export type PreTokenizerJson = z.infer<typeof bertPreTokenizerSchema>;
export type TemplatePieceJson = z.infer<typeof templatePieceSchema>;
export type TemplateSpecialJson = PostProcessorJson['special_tokens'][string];
export type PostProcessorJson = z.infer<typeof templateProcessingSchema>;
export type BertProcessingJson = z.infer<typeof bertProcessingSchema>;
export type DecoderJson = z.infer<typeof wordPieceDecoderSchema>;
export type ModelJson = Omit<z.infer<typeof wordPieceModelSchema>, 'vocab'> & {
  readonly vocab: Readonly<Record<string, number>>;
};
export type AddedTokenJson = z.infer<typeof addedTokenSchema>;

/** The content of `tokenizer.json`. */
export interface TokenizerJson {
  readonly version: '1.0';
  readonly truncation: null;
  readonly padding: null;
  readonly added_tokens: readonly AddedTokenJson[];
  readonly normalizer: NormalizerJson;
  readonly pre_tokenizer: PreTokenizerJson;
  readonly post_processor: PostProcessorJson;
  readonly decoder: DecoderJson;
  readonly model: ModelJson;
}
