import type { z } from 'zod';
import { FormatError } from '../../core/index.js';

/** A JSON value and where it stands, for error messages. */
export interface Located {
  readonly value: unknown;
  /** File name. */
  readonly where: string;
  /** JSON path inside the file, such as `model.vocab`; empty for the whole. */
  readonly path: string;
  /** Number of Sequence components around it. */
  readonly depth?: number;
}

/** How components are read, by their `type`. */
export type Readers<T> = ReadonlyMap<string, (json: Located) => T>;

/** Far more than any tokenizer has; endless nesting would overflow the stack. */
const MAX_DEPTH = 16;
const MAX_MEMBERS = 256;

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
export function readComponent<T>(located: Located, readers: Readers<T>): T {
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

/** Reads the members of a Sequence; throws FormatError when they are too many or nested too deep. */
export function readMembers<T>(
  { where, path, depth = 0 }: Located,
  field: string,
  members: readonly unknown[],
  readers: Readers<T>,
): T[] {
  const located = { where, path: `${path}.${field}` };
  if (depth >= MAX_DEPTH || members.length > MAX_MEMBERS) {
    throw formatErrorAt(
      { ...located, value: members },
      `expected at most ${MAX_MEMBERS} components, nested at most ${MAX_DEPTH} deep`,
    );
  }
  return members.map((value, index) =>
    readComponent({ where, value, path: `${located.path}.${index}`, depth: depth + 1 }, readers),
  );
}
