import { z } from 'zod';
import type { Normalizer } from '../component.js';
import { BertNormalizer } from '../normalizers/bert.js';
import { NoNormalizer } from '../normalizers/none.js';
import { type Located, parse, type Readers, readComponent } from './parse.js';

const readers: Readers<Normalizer> = new Map([['BertNormalizer', readBert]]);

export function readNormalizer(located: Located): Normalizer {
  return located.value === null ? new NoNormalizer() : readComponent(located, readers);
}

const bertSchema = z.strictObject({
  type: z.literal('BertNormalizer'),
  clean_text: z.boolean(),
  handle_chinese_chars: z.boolean(),
  strip_accents: z.boolean().nullable(),
  lowercase: z.boolean(),
});

function readBert(located: Located): Normalizer {
  const json = parse(bertSchema, located);
  return new BertNormalizer({
    cleanText: json.clean_text,
    handleChineseChars: json.handle_chinese_chars,
    stripAccents: json.strip_accents,
    lowercase: json.lowercase,
  });
}
