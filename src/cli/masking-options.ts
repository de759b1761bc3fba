import { InvalidArgumentError } from 'commander';
import { errorMessage } from '../core/index.js';
import { parseRate } from '../masking/index.js';

/** A masking rate: a number, or the text of a schedule (0.30:0.15) or of a range (0.1..0.5). */
export function rateValue(text: string): number | string {
  try {
    const config = parseRate(text);
    return config.kind === 'constant' ? config.rate : text;
  } catch (error) {
    throw new InvalidArgumentError(`${errorMessage(error)}.`);
  }
}

/** Adds `key=value` to the masking options; kebab-case keys are camel-cased. */
export function collectMaskingOptions(
  text: string,
  previous: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const [, key, value] = /^([^=]+)=(.*)$/.exec(text) ?? [];
  if (key === undefined || value === undefined) {
    throw new InvalidArgumentError(`Expected key=value, got '${text}'.`);
  }
  return { ...previous, [key.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())]: value };
}
