import { readFileSync } from 'node:fs';
import { z } from 'zod';

const encodingSchema = z.object({
  text: z.string(),
  pair: z.string().nullable(),
  addSpecialTokens: z.boolean(),
  ids: z.array(z.number()),
  tokens: z.array(z.string()),
  codePointOffsets: z.array(z.tuple([z.number(), z.number()])),
  wordIds: z.array(z.number().nullable()),
  specialTokensMask: z.array(z.number()),
  typeIds: z.array(z.number()),
  decoded: z.string(),
  decodedWithSpecial: z.string(),
});

const goldensSchema = z.object({
  reference: z.string(),
  trainings: z.array(
    z.object({
      vocab_size: z.number(),
      min_frequency: z.number(),
      limit_alphabet: z.number(),
      lowercase: z.boolean(),
      vocabulary: z.array(z.string()),
    }),
  ),
  tokenizers: z.array(z.object({ json: z.unknown(), encodings: z.array(encodingSchema) })),
});

export type GoldenEncoding = z.infer<typeof encodingSchema>;

/** What Python `tokenizers` learned from the fixture and how it encodes; see goldens/make_wordpiece_goldens.py. */
export function readGoldens(): z.infer<typeof goldensSchema> {
  return goldensSchema.parse(JSON.parse(readText('wordpiece.golden.json')));
}

/** The lines that the goldens were trained on. */
export function readFixtureLines(): string[] {
  return readText('fixture.txt').trimEnd().split('\n');
}

function readText(name: string): string {
  return readFileSync(new URL(`../goldens/${name}`, import.meta.url), 'utf8');
}
