import { z } from 'zod';
import { FormatError } from '../core/index.js';

/** Version of lacuna.json that this Lacuna writes and reads. */
export const LACUNA_JSON_VERSION = 1;

const count = z.int().nonnegative();
const fraction = z.number().min(0).max(1);
const nats = z.number().nonnegative();

const baselineSchema = z.object({ lossNats: nats, accuracy: fraction });

const metricsSchema = z.object({
  lossNats: nats,
  perplexity: z.number().positive(),
  accuracy: fraction,
  top5Accuracy: fraction,
  bitsPerByte: z.number().nonnegative(),
  maskedTokens: count,
  baselines: z.object({ unigram: baselineSchema, cloze: baselineSchema }).optional(),
});

const lacunaSchema = z.object({
  formatVersion: z.literal(LACUNA_JSON_VERSION),
  lacunaVersion: z.string(),
  createdAt: z.iso.datetime(),
  data: z.object({
    /** Hash over the documents, in order: the same data give the same fingerprint. */
    fingerprint: z.string(),
    documents: count,
    heldOutDocuments: count,
    trainBytes: count,
    heldOutBytes: count,
    /** Similarity from which documents were left out as duplicates; absent where none were looked for. */
    dedupThreshold: fraction.optional(),
  }),
  masking: z.object({
    policy: z.string(),
    rate: fraction,
    /** Of the chosen positions: fractions that become [MASK], a random token, or stay. */
    replacedByMask: fraction,
    replacedByRandom: fraction,
    kept: fraction,
    /** Strategy, rates and options in full: what repeats the masks. Absent from directories of before. */
    config: z.record(z.string(), z.unknown()).optional(),
  }),
  training: z.object({
    seed: count,
    /** null when the run was given a number of steps. */
    budgetMs: z.number().positive().nullable(),
    steps: count,
    /** The course of the schedule, which repeats the run bit for bit. */
    plan: z.array(z.object({ fromStep: count, totalSteps: count, decayStart: count })).optional(),
    tokens: count,
    trainMs: z.number().nonnegative(),
    interrupted: z.boolean(),
    batchSize: count,
    sequenceLength: count,
    learningRate: z.number().positive(),
  }),
  model: z.object({ parameters: count }),
  /** The model that training went on from; absent where it began from nothing. */
  startedFrom: z.object({ name: z.string(), newTokens: count }).optional(),
  /** Held-out figures; the masks are drawn with `seed`. */
  heldOut: metricsSchema.extend({ seed: count }),
  versions: z.object({ node: z.string(), onnxruntime: z.string() }),
  machine: z.object({ cpu: z.string(), cores: count, threads: count }),
});

/** The content of lacuna.json: how a model came to be, and how good it is. */
export type LacunaJson = z.infer<typeof lacunaSchema>;

const versionSchema = z.object({ formatVersion: z.unknown() });

/** Validates lacuna.json; a FormatError names the file and the key, or both versions when the version is unknown. */
export function parseLacunaJson(json: unknown, where: string): LacunaJson {
  const version = versionSchema.safeParse(json);
  if (version.success && version.data.formatVersion !== LACUNA_JSON_VERSION) {
    throw new FormatError(
      `${where}: format version ${JSON.stringify(version.data.formatVersion)}, but this Lacuna reads version ${LACUNA_JSON_VERSION}; install the Lacuna that wrote it`,
    );
  }
  const parsed = lacunaSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new FormatError(
    `${where}: ${issue?.path.join('.') || 'content'}: ${issue?.message ?? 'is not valid'}`,
  );
}
