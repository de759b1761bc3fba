import { z } from 'zod';
import { FormatError } from '../core/index.js';
import { type StoredOptions, storedOptionsSchema, withoutUndefined } from '../runs/index.js';
import type { TrainOptions } from './types.js';

/** Options of a call, which no file holds. */
type CallOptions = Pick<TrainOptions, 'signal' | 'onEvent' | 'resume'>;

/** Fails to compile when an option of `train` is missing from `storedOptionsSchema`: a run could not be resumed. */
type Unstored = Exclude<keyof TrainOptions, keyof CallOptions | keyof StoredOptions>;
const everyOptionIsStored: [Unstored] extends [never] ? true : Unstored = true;

/** Options as run.json has them. Throws a FormatError that names the key that is wrong. */
export function parseStoredOptions(json: unknown, where: string): StoredOptions {
  const parsed = storedOptionsSchema.safeParse(json);
  if (parsed.success && everyOptionIsStored) return withoutUndefined(parsed.data);
  const issue = parsed.error?.issues[0];
  throw new FormatError(
    `${where}: ${issue?.path.join('.') || 'content'}: ${issue?.message ?? 'is not valid'}`,
  );
}

/** Options as JSON, to be stored. */
export function storedOptionsOf(options: TrainOptions): Record<string, z.core.util.JSONType> {
  const { signal: _, onEvent: __, resume: ___, ...rest } = options;
  return z.record(z.string(), z.json()).parse(JSON.parse(JSON.stringify(rest)));
}
