import { z } from 'zod';
import type { Decoder, PostProcessor, PreTokenizer } from '../component.js';
import { ByteLevelDecoder } from '../decoders/byte-level.js';
import { type ByteLevelOptions, ByteLevelPostProcessor } from '../post-processors/byte-level.js';
import { ByteLevelPreTokenizer } from '../pre-tokenizers/byte-level.js';
import { type Located, parse } from './parse.js';

/** The same for pre-tokenizer, post-processor and decoder, whichever fields matter to each. */
const byteLevelSchema = z.strictObject({
  type: z.literal('ByteLevel'),
  add_prefix_space: z.boolean(),
  trim_offsets: z.boolean(),
  use_regex: z.boolean().default(true),
});

function readOptions(located: Located): Required<ByteLevelOptions> {
  const json = parse(byteLevelSchema, located);
  return { addPrefixSpace: json.add_prefix_space, trimOffsets: json.trim_offsets, useRegex: json.use_regex };
}

export function readByteLevelPreTokenizer(located: Located): PreTokenizer {
  return new ByteLevelPreTokenizer(readOptions(located));
}

export function readByteLevelPostProcessor(located: Located): PostProcessor {
  return new ByteLevelPostProcessor(readOptions(located));
}

export function readByteLevelDecoder(located: Located): Decoder {
  return new ByteLevelDecoder(readOptions(located));
}
