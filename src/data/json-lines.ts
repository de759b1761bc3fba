import type { z } from 'zod';
import { DataError, errorMessage } from '../core/index.js';

/** A value with the line it was on, from 1. */
export interface JsonLine<T> {
  readonly value: T;
  readonly line: number;
}

const SHOWN_CHARACTERS = 40;

/**
 * One value of a schema in each line that is not blank. Throws a DataError that names the line and the field, what was
 * expected (the schema's message) and what came.
 */
export function readJsonLines<T>(content: string, schema: z.ZodType<T>, path: string): JsonLine<T>[] {
  return content.split('\n').flatMap((text, index) => {
    if (text.trim() === '') return [];
    const line = index + 1;
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch (cause) {
      throw new DataError(
        `${path}:${line}: expected JSON lines, a whole object in each line: ${errorMessage(cause)}`,
        { cause },
      );
    }
    const parsed = schema.safeParse(json);
    if (parsed.success) return [{ value: parsed.data, line }];
    const [issue] = parsed.error.issues;
    const field = issue?.path.length ? `${issue.path.join('.')}: ` : '';
    const got = shown(issue?.path.reduce(memberOf, json));
    throw new DataError(`${path}:${line}: ${field}${issue?.message ?? 'not as expected'}, got ${got}`);
  });
}

function memberOf(value: unknown, key: PropertyKey): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}...` : text;
}
