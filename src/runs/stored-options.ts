import { z } from 'zod';
import { corpusOptionsSchema } from '../data/index.js';

const count = z.int().positive();
const change = z.object({
  fromStep: z.int().nonnegative(),
  totalSteps: z.int().nonnegative(),
  decayStart: z.int().nonnegative(),
});
const ramp = z.strictObject({ from: count, steps: count });
const milliseconds = z.number().positive();

/** The options of training that are data: what run.json and configuration files hold. */
export const storedOptionsSchema = z.strictObject({
  paths: z.array(z.string()),
  out: z.string(),
  corpus: corpusOptionsSchema.optional(),
  cacheDir: z.string().optional(),
  overwrite: z.boolean().optional(),
  budgetMs: milliseconds.optional(),
  steps: count.optional(),
  plan: z.array(change).optional(),
  preset: z.enum(['tiny', 'mini', 'small', 'base']).optional(),
  family: z.string().optional(),
  seed: z.int().nonnegative().optional(),
  vocabSize: count.optional(),
  from: z.string().optional(),
  extendVocab: count.optional(),
  maskRate: z.union([z.number().min(0.01).max(0.95), z.string()]).optional(),
  masking: z.string().optional(),
  maskingOptions: z.record(z.string(), z.unknown()).optional(),
  sequenceLength: count.optional(),
  layers: count.optional(),
  hidden: count.optional(),
  heads: count.optional(),
  feedForward: count.optional(),
  batchSize: count.optional(),
  microBatchSize: count.optional(),
  recompute: z.boolean().optional(),
  batchRamp: ramp.optional(),
  lengthRamp: ramp.optional(),
  learningRate: z.number().positive().optional(),
  optimizer: z.enum(['adamw', 'muon']).optional(),
  threads: count.optional(),
  checkpointEvery: z
    .union([z.strictObject({ steps: count }), z.strictObject({ ms: milliseconds })])
    .optional(),
  keepCheckpoints: count.optional(),
  evalEvery: count.optional(),
  patience: count.optional(),
});

type Defined<T> = { readonly [K in keyof T]: Exclude<T[K], undefined> };

/** Options as they are stored: without what cannot be written down. */
export type StoredOptions = Defined<z.infer<typeof storedOptionsSchema>>;

/** An object without the keys whose value is undefined. */
export function withoutUndefined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Defined<T>;
}
