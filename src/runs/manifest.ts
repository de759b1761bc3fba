import { z } from 'zod';
import { FormatError } from '../core/index.js';
import { parseJson } from '../formats/index.js';
import { RUN_VERSION, sha256 } from './run-json.js';

const count = z.int().nonnegative();

const sums = z.array(z.number()).readonly();
const maskingSchema = z.object({
  estimates: z
    .array(z.object({ fromStep: z.int().nonnegative(), seen: sums, surprisalNats: sums, entropyNats: sums }))
    .readonly(),
});

const watchSchema = z.object({
  guard: z.object({
    mean: z.number().nullable(),
    variance: z.number(),
    seen: count,
    skippedInARow: count,
    highInARow: count,
    skipped: count,
  }),
  rewinds: count,
  /** The best held-out loss so far and the step that had it; null before the first evaluation. */
  best: z.object({ step: count, lossNats: z.number() }).nullable(),
  /** Evaluations since the best one. */
  sinceBest: count,
});

/** What watches over a run remember. */
export type WatchState = z.infer<typeof watchSchema>;

const manifestSchema = z.object({
  formatVersion: z.literal(RUN_VERSION),
  createdAt: z.iso.datetime(),
  /** Steps done; the next batch is that of this step, because batches are a pure function of seed and step. */
  step: count,
  elapsedMs: z.number().nonnegative(),
  rateScale: z.number().positive(),
  /** The whole training time of a run with a budget of time, what a resumed run was granted included. */
  budgetMs: z.number().positive().nullable(),
  plan: z.array(z.object({ fromStep: count, totalSteps: count, decayStart: count })),
  /** SHA-256 of the run's identity. */
  run: z.string(),
  /** How much of the event log belongs to these steps. */
  events: z.object({ bytes: count, sha256: z.string() }),
  /** What watches over the run: smoothed loss, rewinds, held-out losses. */
  watch: watchSchema,
  /** Estimates by which masks are chosen; absent where masking has none, and in checkpoints of before. */
  masking: maskingSchema.optional(),
  versions: z.object({ lacuna: z.string(), node: z.string(), onnxruntime: z.string() }),
  threads: count,
  files: z.record(z.string(), z.object({ bytes: count, sha256: z.string() })),
});

/** What a checkpoint says about itself. */
export type Manifest = z.infer<typeof manifestSchema>;

/** The bytes of manifest.json, with a checksum over themselves. */
export function encodeManifest(manifest: Manifest): Uint8Array {
  return new TextEncoder().encode(format(manifestSchema.parse(manifest)));
}

function format(manifest: unknown): string {
  return `${JSON.stringify({ sha256: sha256(JSON.stringify(manifest)), manifest }, null, 2)}\n`;
}

/** Reads manifest.json; throws a FormatError when any byte of it is not as it was written. */
export function decodeManifest(bytes: Uint8Array, where: string): Manifest {
  const json = parseJson(bytes, where);
  const inner = z.object({ manifest: z.object({ formatVersion: z.unknown() }).loose() }).safeParse(json);
  if (!inner.success) throw new FormatError(`${where}: expected {sha256, manifest}`);
  const { manifest } = inner.data;
  // Formatted again, the content must give the same bytes: then its checksum is right, too.
  if (
    format(z.looseObject({ manifest: z.unknown() }).parse(json).manifest) !== new TextDecoder().decode(bytes)
  ) {
    throw new FormatError(`${where}: its checksum is wrong`);
  }
  if (manifest.formatVersion !== RUN_VERSION) {
    throw new FormatError(
      `${where}: format version ${JSON.stringify(manifest.formatVersion)}, but this Lacuna reads version ${RUN_VERSION}; install the Lacuna that wrote it`,
    );
  }
  const parsed = manifestSchema.safeParse(manifest);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new FormatError(
    `${where}: ${issue?.path.join('.') || 'content'}: ${issue?.message ?? 'is not valid'}`,
  );
}
