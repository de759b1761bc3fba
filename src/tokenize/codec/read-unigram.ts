import { z } from 'zod';
import type { Model } from '../component.js';
import { UnigramModel } from '../models/unigram.js';
import { type Located, parse } from './parse.js';

const unigramSchema = z.strictObject({
  type: z.literal('Unigram').optional(),
  unk_id: z.int().nonnegative().nullable(),
  vocab: z.array(z.tuple([z.string(), z.number()])),
  byte_fallback: z.boolean().default(false),
});

export function readUnigram(located: Located): Model {
  const { vocab, unk_id, byte_fallback } = parse(unigramSchema, located);
  return new UnigramModel(vocab, { unkId: unk_id, byteFallback: byte_fallback });
}
