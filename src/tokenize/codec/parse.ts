import type { z } from 'zod';
import { FormatError } from '../../core/index.js';

/** A JSON value and where it stands, for error messages. */
export interface Located {
  readonly value: unknown;
  /** File name. */
  readonly where: string;
  /** JSON path inside the file, such as `model.vocab`; empty for the whole. */
  readonly path: string;
}

/** Validates a JSON value; throws FormatError with the file and the JSON path of the first problem. */
export function parse<T>(schema: z.ZodType<T>, { value, where, path }: Located): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const fullPath = [path, ...(issue?.path ?? [])].filter((part) => part !== '').join('.');
  throw new FormatError(`${where}: ${fullPath || 'top level'}: ${issue?.message ?? 'invalid'}`);
}

/** FormatError at the place of a JSON value. */
export function formatErrorAt({ where, path }: Located, message: string): FormatError {
  return new FormatError(`${where}: ${path}: ${message}`);
}

/** Reads a component by its `type`; throws FormatError that names a type without a reader. */
export function readComponent<T>(located: Located, readers: ReadonlyMap<string, (json: Located) => T>): T {
  const { value } = located;
  const supported = [...readers.keys()].join(', ');
  if (typeof value !== 'object' || value === null || !('type' in value) || typeof value.type !== 'string') {
    const got = value === null || value === undefined ? value : typeof value;
    throw formatErrorAt(located, `expected a component with a type (supported: ${supported}), got ${got}`);
  }
  const reader = readers.get(value.type);
  if (reader === undefined) {
    throw formatErrorAt(
      located,
      `component ${JSON.stringify(value.type)} is not supported; expected ${supported}`,
    );
  }
  return reader(located);
}
