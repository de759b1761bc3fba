import { z } from 'zod';
import { ConfigError } from '../../core/index.js';
import { TextPattern } from '../patterns/text-pattern.js';
import { formatErrorAt, type Located, parse } from './parse.js';

const patternSchema = z.union([
  z.strictObject({ String: z.string() }),
  z.strictObject({ Regex: z.string() }),
]);

/** Reads the pattern of Split or Replace; throws FormatError for one that is not supported or not bounded in time. */
export function readPattern(located: Located, value: unknown): TextPattern {
  const at = { ...located, value, path: `${located.path}.pattern` };
  const json = parse(patternSchema, at);
  try {
    return 'String' in json ? TextPattern.ofText(json.String) : TextPattern.ofRegex(json.Regex);
  } catch (error) {
    if (error instanceof ConfigError) throw formatErrorAt(at, error.message);
    throw error;
  }
}
