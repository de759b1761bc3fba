import { z } from 'zod';
import { FormatError } from '../core/index.js';
import { PRESET_NAMES } from './presets.js';
import type { TrainOptions } from './types.js';

const count = z.int().positive();
const change = z.object({
  fromStep: z.int().nonnegative(),
  totalSteps: z.int().nonnegative(),
  decayStart: z.int().nonnegative(),
});
const milliseconds = z.number().positive();

/** The options of `train` that are data: what run.json and configuration files hold. */
export const trainOptionsSchema = z.strictObject({
  paths: z.array(z.string()),
  out: z.string(),
  overwrite: z.boolean().optional(),
  budgetMs: milliseconds.optional(),
  steps: count.optional(),
  plan: z.array(change).optional(),
  preset: z.enum(PRESET_NAMES).optional(),
  seed: z.int().nonnegative().optional(),
  vocabSize: count.optional(),
  from: z.string().optional(),
  extendVocab: count.optional(),
  maskRate: z.number().min(0.01).max(0.95).optional(),
  sequenceLength: count.optional(),
  layers: count.optional(),
  hidden: count.optional(),
  heads: count.optional(),
  feedForward: count.optional(),
  batchSize: count.optional(),
  microBatchSize: count.optional(),
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

/** `train`'s options without what cannot be written down. */
export type StoredOptions = Omit<TrainOptions, 'signal' | 'onEvent' | 'resume'>;

/** Options as run.json or a configuration file has them. Throws a FormatError that names the key that is wrong. */
export function parseStoredOptions(json: unknown, where: string): StoredOptions {
  const parsed = trainOptionsSchema.safeParse(json);
  if (parsed.success) return withoutUndefined(parsed.data);
  const issue = parsed.error.issues[0];
  throw new FormatError(
    `${where}: ${issue?.path.join('.') || 'content'}: ${issue?.message ?? 'is not valid'}`,
  );
}

/** Options as JSON. */
export function storedOptionsOf({
  signal: _,
  onEvent: __,
  resume: ___,
  ...rest
}: TrainOptions): Record<string, z.core.util.JSONType> {
  return z.record(z.string(), z.json()).parse(JSON.parse(JSON.stringify(rest)));
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** An object without the keys whose value is undefined. */
export function withoutUndefined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Defined<T>;
}
