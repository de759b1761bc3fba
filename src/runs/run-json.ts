import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { FormatError } from '../core/index.js';
import { systemCode, toFileError, writeInPlace } from '../files/index.js';
import { parseJson } from '../formats/index.js';

/** Version of a run's files that this Lacuna writes and reads. */
export const RUN_VERSION = 1;

/** What a run directory holds. */
export const RUN_FILES = {
  run: 'run.json',
  tokenizer: 'tokenizer.json',
  events: 'events.jsonl',
  journal: 'journal.jsonl',
  checkpoints: 'checkpoints',
  tensorboard: 'tensorboard',
} as const;

const jsonRecord = z.record(z.string(), z.json());

const runSchema = z.object({
  formatVersion: z.literal(RUN_VERSION),
  createdAt: z.iso.datetime(),
  /** The model directory that the run writes. */
  out: z.string(),
  /** The options as given, so that a run can be resumed without giving them again. */
  options: jsonRecord,
  /** Everything that the numbers of the run depend on: what resumes it must come to the same. */
  identity: jsonRecord,
  /** SHA-256 of tokenizer.json beside it. */
  tokenizerSha256: z.string(),
  versions: z.object({ lacuna: z.string(), node: z.string(), onnxruntime: z.string() }),
});

/** run.json: what a run is, written once, before its first step. */
export type RunJson = z.infer<typeof runSchema>;

/** The directory of the run that writes the model directory `out`. */
export function runDirectoryOf(out: string): string {
  return `${out.replace(/[/\\]+$/, '')}.run`;
}

/** SHA-256 in hexadecimal. */
export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Writes run.json, all or nothing. */
export async function writeRunJson(directory: string, run: RunJson): Promise<void> {
  const text = `${JSON.stringify(runSchema.parse(run), null, 2)}\n`;
  await writeInPlace(join(directory, RUN_FILES.run), text);
}

/** Reads run.json; undefined where there is none. Throws a FormatError that names the key that is wrong. */
export async function readRunJson(directory: string): Promise<RunJson | undefined> {
  const path = join(directory, RUN_FILES.run);
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT' || systemCode(cause) === 'ENOTDIR') return undefined;
    throw toFileError(`cannot read '${path}'`, cause);
  }
  const parsed = runSchema.safeParse(parseJson(bytes, path));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new FormatError(
    `${path}: ${issue?.path.join('.') || 'content'}: ${issue?.message ?? 'is not valid'}`,
  );
}

/** The first place at which two JSON values differ, as `key.key: what the run has, what there is now`; or undefined. */
export function firstDifference(before: unknown, now: unknown, path = ''): string | undefined {
  if (isObject(before) && isObject(now)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(now)])) {
      const difference = firstDifference(before[key], now[key], path === '' ? key : `${path}.${key}`);
      if (difference !== undefined) return difference;
    }
    return undefined;
  }
  const [a, b] = [JSON.stringify(before), JSON.stringify(now)];
  return a === b ? undefined : `${path} was ${a ?? 'not set'} and is now ${b ?? 'not set'}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
