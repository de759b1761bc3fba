import { z } from 'zod';
import { FormatError } from '../../core/index.js';
import type { Normalizer } from '../component.js';
import { BertNormalizer } from '../normalizers/bert.js';
import { ByteLevelNormalizer } from '../normalizers/byte-level.js';
import { LowercaseNormalizer } from '../normalizers/lowercase.js';
import { NmtNormalizer } from '../normalizers/nmt.js';
import { NoNormalizer } from '../normalizers/none.js';
import { PrecompiledNormalizer } from '../normalizers/precompiled.js';
import { PrependNormalizer } from '../normalizers/prepend.js';
import { ReplaceNormalizer } from '../normalizers/replace.js';
import { SequenceNormalizer } from '../normalizers/sequence.js';
import { StripNormalizer } from '../normalizers/strip.js';
import { StripAccentsNormalizer } from '../normalizers/strip-accents.js';
import { UnicodeNormalizer } from '../normalizers/unicode.js';
import { formatErrorAt, type Located, parse, type Readers, readComponent, readMembers } from './parse.js';
import { readPattern } from './read-pattern.js';

/** Characters that a normalizer may put into a text at a time. */
const MAX_CONTENT = 1 << 10;

const readers: Readers<Normalizer> = new Map([
  ['BertNormalizer', readBert],
  ['NFC', readPlain('NFC', () => new UnicodeNormalizer('NFC'))],
  ['NFD', readPlain('NFD', () => new UnicodeNormalizer('NFD'))],
  ['NFKC', readPlain('NFKC', () => new UnicodeNormalizer('NFKC'))],
  ['NFKD', readPlain('NFKD', () => new UnicodeNormalizer('NFKD'))],
  ['Lowercase', readPlain('Lowercase', () => new LowercaseNormalizer())],
  ['StripAccents', readPlain('StripAccents', () => new StripAccentsNormalizer())],
  ['Nmt', readPlain('Nmt', () => new NmtNormalizer())],
  ['ByteLevel', readPlain('ByteLevel', () => new ByteLevelNormalizer())],
  ['Strip', readStrip],
  ['Prepend', readPrepend],
  ['Replace', readReplace],
  ['Precompiled', readPrecompiled],
  ['Sequence', readSequence],
]);

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

/** A reader of a component without options. */
function readPlain(type: string, create: () => Normalizer): (located: Located) => Normalizer {
  const schema = z.strictObject({ type: z.literal(type) });
  return (located) => {
    parse(schema, located);
    return create();
  };
}

const stripSchema = z.strictObject({
  type: z.literal('Strip'),
  strip_left: z.boolean(),
  strip_right: z.boolean(),
});

function readStrip(located: Located): Normalizer {
  const json = parse(stripSchema, located);
  return new StripNormalizer(json.strip_left, json.strip_right);
}

const prependSchema = z.strictObject({ type: z.literal('Prepend'), prepend: z.string().max(MAX_CONTENT) });

function readPrepend(located: Located): Normalizer {
  return new PrependNormalizer(parse(prependSchema, located).prepend);
}

const replaceSchema = z.strictObject({
  type: z.literal('Replace'),
  pattern: z.unknown(),
  content: z.string().max(MAX_CONTENT),
});

function readReplace(located: Located): Normalizer {
  const { pattern, content } = parse(replaceSchema, located);
  return new ReplaceNormalizer(readPattern(located, pattern), content);
}

const precompiledSchema = z.strictObject({
  type: z.literal('Precompiled'),
  precompiled_charsmap: z.base64(),
});

function readPrecompiled(located: Located): Normalizer {
  const { precompiled_charsmap: encoded } = parse(precompiledSchema, located);
  try {
    return new PrecompiledNormalizer(Buffer.from(encoded, 'base64'));
  } catch (error) {
    if (error instanceof FormatError) {
      throw formatErrorAt({ ...located, path: `${located.path}.precompiled_charsmap` }, error.message);
    }
    throw error;
  }
}

const sequenceSchema = z.strictObject({ type: z.literal('Sequence'), normalizers: z.array(z.unknown()) });

function readSequence(located: Located): Normalizer {
  const { normalizers } = parse(sequenceSchema, located);
  return new SequenceNormalizer(readMembers(located, 'normalizers', normalizers, readers));
}
