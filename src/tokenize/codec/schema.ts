import { z } from 'zod';

/**
 * The frame of `tokenizer.json`, version 1.0, as Python `tokenizers` writes it; each kind of component has its
 * schemas beside its readers. Objects are strict: a field that is not read could change the encoding, so it is
 * an error rather than ignored.
 */

export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [field: string]: JsonValue };

/** A component as it is written: its type and its options. */
export interface ComponentJson {
  readonly type: string;
  readonly [field: string]: JsonValue;
}

/** A model as it is written; `vocab` is an object of ids, or a list where the order gives the ids. */
export interface ModelJson extends ComponentJson {
  readonly vocab: Readonly<Record<string, number>> | readonly JsonValue[];
}

/** Beyond these a file is no tokenizer's, and would take memory without bound. */
const MAX_LENGTH = 1 << 20;
const MAX_ADDED_TOKENS = 1 << 16;
const MAX_CONTENT = 1 << 10;

export const addedTokenSchema = z.strictObject({
  id: z.int().nonnegative(),
  content: z.string().min(1).max(MAX_CONTENT),
  single_word: z.boolean(),
  lstrip: z.boolean(),
  rstrip: z.boolean(),
  normalized: z.boolean(),
  special: z.boolean(),
});

export const truncationSchema = z.strictObject({
  direction: z.enum(['Left', 'Right']).default('Right'),
  max_length: z.int().nonnegative(),
  strategy: z.enum(['LongestFirst', 'OnlyFirst', 'OnlySecond']),
  stride: z.int().nonnegative(),
});

export const paddingSchema = z.strictObject({
  strategy: z.union([
    z.literal('BatchLongest'),
    z.strictObject({
      Fixed: z.int().nonnegative().max(MAX_LENGTH),
    }),
  ]),
  direction: z.enum(['Left', 'Right']),
  pad_to_multiple_of: z.int().nonnegative().max(MAX_LENGTH).nullable(),
  pad_id: z.int().nonnegative(),
  pad_type_id: z.int().nonnegative(),
  pad_token: z.string(),
});

export const envelopeSchema = z.strictObject({
  version: z.literal('1.0'),
  truncation: truncationSchema.nullable(),
  padding: paddingSchema.nullable(),
  added_tokens: z.array(addedTokenSchema).max(MAX_ADDED_TOKENS),
  normalizer: z.unknown(),
  pre_tokenizer: z.unknown(),
  post_processor: z.unknown(),
  decoder: z.unknown(),
  model: z.unknown(),
});

export type AddedTokenJson = z.infer<typeof addedTokenSchema>;
export type TruncationJson = z.infer<typeof truncationSchema>;
export type PaddingJson = z.infer<typeof paddingSchema>;

/** The content of `tokenizer.json`. */
export interface TokenizerJson {
  readonly version: '1.0';
  readonly truncation: TruncationJson | null;
  readonly padding: PaddingJson | null;
  readonly added_tokens: readonly AddedTokenJson[];
  readonly normalizer: ComponentJson | null;
  readonly pre_tokenizer: ComponentJson | null;
  readonly post_processor: ComponentJson | null;
  readonly decoder: ComponentJson | null;
  readonly model: ModelJson;
}
