import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { ConfigError, errorMessage, nearest } from '../core/index.js';
import { toFileError } from '../files/index.js';
import { parseJson } from '../formats/index.js';
import { type StoredOptions, storedOptionsSchema, withoutUndefined } from '../runs/index.js';
import { parseBudget } from './option-values.js';
import { parseInterval } from './run-options.js';

/** Names that are looked for in the working directory, in this order. */
export const CONFIG_NAMES = [
  'lacuna.config.json',
  'lacuna.config.ts',
  'lacuna.config.mjs',
  'lacuna.config.js',
] as const;

/** A key of the command's way of writing, as the option it stands for. */
const written = (parse: (text: string) => unknown, expected: string) =>
  z.string().transform((text, context) => {
    try {
      return parse(text);
    } catch {
      context.addIssue({ code: 'custom', message: `expected ${expected}` });
      return z.NEVER;
    }
  });

const budgetSchema = written(parseBudget, 'a time such as 90s, 2m or 1.5h');
const intervalSchema = written(parseInterval, 'a number of steps or a time such as 30s');

const KEYS = ['budget', ...Object.keys(storedOptionsSchema.shape)];

/** The configuration file to use: the one named, or one in the working directory; undefined when there is none. */
export function findConfig(named: string | undefined): string | undefined {
  if (named !== undefined) return named;
  return CONFIG_NAMES.find((name) => existsSync(name));
}

/**
 * Reads training options from a configuration file: JSON, or a module whose default export is the object. Throws a
 * ConfigError that names the file, the key, and the nearest known one.
 */
export async function readConfig(path: string): Promise<Partial<StoredOptions>> {
  const value = await loadConfig(path);
  const record = z.record(z.string(), z.unknown()).safeParse(value);
  if (!record.success) throw new ConfigError(`${path}: expected an object of options`);
  for (const key of Object.keys(record.data)) {
    if (KEYS.includes(key)) continue;
    const near = nearest(key, KEYS);
    throw new ConfigError(
      `${path}: unknown key '${key}'; ${near === undefined ? `expected one of ${KEYS.join(', ')}` : `did you mean '${near}'?`}`,
    );
  }
  const { budget, ...rest } = record.data;
  const asWritten = {
    ...rest,
    ...(budget === undefined ? {} : { budgetMs: check(path, 'budget', budgetSchema, budget) }),
    ...(isWritten(rest.checkpointEvery)
      ? { checkpointEvery: check(path, 'checkpointEvery', intervalSchema, String(rest.checkpointEvery)) }
      : {}),
  };
  const parsed = storedOptionsSchema.partial().safeParse(asWritten);
  if (parsed.success) return withoutUndefined(parsed.data);
  const issue = parsed.error.issues[0];
  throw new ConfigError(`${path}: ${issue?.path.join('.')}: ${issue?.message ?? 'is not valid'}`);
}

const isWritten = (value: unknown) => typeof value === 'string' || typeof value === 'number';

function check<T>(path: string, key: string, schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new ConfigError(`${path}: ${key}: ${parsed.error.issues[0]?.message ?? 'is not valid'}`);
}

async function loadConfig(path: string): Promise<unknown> {
  if (extname(path) === '.json') {
    const bytes = await readFile(path).catch((cause: unknown) => {
      throw toFileError(`cannot read '${path}'`, cause);
    });
    return parseJson(bytes, path);
  }
  try {
    const module: unknown = await import(pathToFileURL(resolve(path)).href);
    return z.object({ default: z.unknown() }).parse(module).default;
  } catch (cause) {
    const isTypeScript = path.endsWith('.ts') && errorMessage(cause).includes('Unknown file extension');
    const hint = isTypeScript
      ? `: this Node reads no TypeScript (22.18 and later do); use lacuna.config.json`
      : '';
    throw new ConfigError(`cannot load '${path}'${hint || `: ${errorMessage(cause)}`}`, { cause });
  }
}
