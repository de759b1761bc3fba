import type { z } from 'zod';
import { ConfigError } from '../core/index.js';

/** `hiddenSize` as Hugging Face writes it: `hidden_size`. */
export function snakeCase(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Reads the keys of a schema, which are in camelCase, from a config.json, whose keys are in snake_case; null is the same
 * as absent. A ConfigError names the file, the key and what was expected.
 */
export function readConfigKeys<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  json: unknown,
  where: string,
): z.output<z.ZodObject<Shape>> {
  if (!isRecord(json)) throw new ConfigError(`${where}: expected a JSON object`);
  const given = Object.keys(schema.shape).flatMap((key) => {
    const value = Object.hasOwn(json, snakeCase(key)) ? json[snakeCase(key)] : undefined;
    return value === undefined || value === null ? [] : [[key, value] as const];
  });
  const parsed = schema.safeParse(Object.fromEntries(given));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const path = issue?.path.map((part) => snakeCase(String(part))).join('.') || 'content';
  throw new ConfigError(`${where}: ${path}: ${issue?.message ?? 'is no configuration'}`);
}

/** A configuration in Hugging Face's keys; what is undefined is left out. */
export function writeConfigKeys(config: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(config).flatMap(([key, value]) => (value === undefined ? [] : [[snakeCase(key), value]])),
  );
}
