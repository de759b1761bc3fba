import { z } from 'zod';
import { ConfigError } from '../core/index.js';

/** Options come from a program as values and from a command line as text. */
export const number = z.union([
  z.number(),
  z
    .string()
    .regex(/^-?\d*\.?\d+(e-?\d+)?$/, 'expected a number')
    .transform(Number),
]);
export const share = number.pipe(z.number().min(0).max(1));
export const positive = number.pipe(z.number().positive());
export const count = number.pipe(z.int().positive());
export const flag = z.union([z.boolean(), z.stringbool()]);
export const names = z.union([z.array(z.string()), z.string().transform((text) => text.split(','))]);

/** Options by a schema; a ConfigError in one line names the option, what came, and which are known. */
export function readOptions<Output>(
  schema: z.ZodType<Output>,
  options: Readonly<Record<string, unknown>>,
  where: string,
  known: readonly string[],
): Output {
  const parsed = schema.safeParse(options);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  if (issue?.code === 'unrecognized_keys') {
    const has = known.length === 0 ? 'none of its own' : known.join(', ');
    throw new ConfigError(`${where} has no option '${issue.keys[0]}'; it has ${has}`);
  }
  const key = String(issue?.path[0]);
  const problem = issue?.code === 'invalid_union' ? 'expected another kind of value' : issue?.message;
  throw new ConfigError(`${where}: ${key}: ${problem}, got ${JSON.stringify(options[key])}`);
}
