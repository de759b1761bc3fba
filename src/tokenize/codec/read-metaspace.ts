import { z } from 'zod';
import type { Decoder, PreTokenizer } from '../component.js';
import { MetaspaceDecoder } from '../decoders/metaspace.js';
import { type MetaspaceOptions, MetaspacePreTokenizer } from '../pre-tokenizers/metaspace.js';
import { formatErrorAt, type Located, parse } from './parse.js';

const metaspaceSchema = z.strictObject({
  type: z.literal('Metaspace'),
  replacement: z.string(),
  prepend_scheme: z.enum(['always', 'first', 'never']).optional(),
  split: z.boolean().default(true),
  // Written by older versions.
  add_prefix_space: z.boolean().optional(),
  str_rep: z.string().optional(),
});

function readOptions(located: Located): MetaspaceOptions {
  const json = parse(metaspaceSchema, located);
  if (json.replacement.length !== 1) {
    const replacement = { ...located, path: `${located.path}.replacement` };
    throw formatErrorAt(
      replacement,
      `expected one character of the basic multilingual plane, got ${JSON.stringify(json.replacement)}`,
    );
  }
  const scheme = json.prepend_scheme ?? (json.add_prefix_space === false ? 'never' : 'always');
  if (json.add_prefix_space === false && scheme !== 'never') {
    throw formatErrorAt(located, `expected prepend_scheme "never" without add_prefix_space, got "${scheme}"`);
  }
  return { replacement: json.replacement, prependScheme: scheme, split: json.split };
}

export function readMetaspacePreTokenizer(located: Located): PreTokenizer {
  return new MetaspacePreTokenizer(readOptions(located));
}

export function readMetaspaceDecoder(located: Located): Decoder {
  return new MetaspaceDecoder(readOptions(located));
}
