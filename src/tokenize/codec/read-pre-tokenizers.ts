import { z } from 'zod';
import type { PreTokenizer } from '../component.js';
import { BertPreTokenizer } from '../pre-tokenizers/bert.js';
import { CharDelimiterPreTokenizer } from '../pre-tokenizers/char-delimiter.js';
import { DigitsPreTokenizer } from '../pre-tokenizers/digits.js';
import { FixedLengthPreTokenizer } from '../pre-tokenizers/fixed-length.js';
import { NoPreTokenizer } from '../pre-tokenizers/none.js';
import { PunctuationPreTokenizer } from '../pre-tokenizers/punctuation.js';
import { SequencePreTokenizer } from '../pre-tokenizers/sequence.js';
import { SplitPreTokenizer } from '../pre-tokenizers/split.js';
import { UnicodeScriptsPreTokenizer } from '../pre-tokenizers/unicode-scripts.js';
import { WhitespacePreTokenizer, WhitespaceSplitPreTokenizer } from '../pre-tokenizers/whitespace.js';
import { type Located, parse, type Readers, readComponent, readMembers } from './parse.js';
import { readByteLevelPreTokenizer } from './read-byte-level.js';
import { readMetaspacePreTokenizer } from './read-metaspace.js';
import { readPattern } from './read-pattern.js';

const readers: Readers<PreTokenizer> = new Map([
  ['BertPreTokenizer', readBert],
  ['ByteLevel', readByteLevelPreTokenizer],
  ['Metaspace', readMetaspacePreTokenizer],
  ['Whitespace', readPlain('Whitespace', () => new WhitespacePreTokenizer())],
  ['WhitespaceSplit', readPlain('WhitespaceSplit', () => new WhitespaceSplitPreTokenizer())],
  ['UnicodeScripts', readPlain('UnicodeScripts', () => new UnicodeScriptsPreTokenizer())],
  ['Punctuation', readPunctuation],
  ['Digits', readDigits],
  ['CharDelimiterSplit', readCharDelimiter],
  ['FixedLength', readFixedLength],
  ['Split', readSplit],
  ['Sequence', readSequence],
]);

export function readPreTokenizer(located: Located): PreTokenizer {
  return located.value === null ? new NoPreTokenizer() : readComponent(located, readers);
}

const bertSchema = z.strictObject({ type: z.literal('BertPreTokenizer') });

function readBert(located: Located): PreTokenizer {
  parse(bertSchema, located);
  return new BertPreTokenizer();
}

/** A reader of a component without options. */
function readPlain(type: string, create: () => PreTokenizer): (located: Located) => PreTokenizer {
  const schema = z.strictObject({ type: z.literal(type) });
  return (located) => {
    parse(schema, located);
    return create();
  };
}

const BEHAVIORS = {
  Removed: 'removed',
  Isolated: 'isolated',
  MergedWithPrevious: 'mergedWithPrevious',
  MergedWithNext: 'mergedWithNext',
  Contiguous: 'contiguous',
} as const;

const behaviorSchema = z
  .enum(['Removed', 'Isolated', 'MergedWithPrevious', 'MergedWithNext', 'Contiguous'])
  .transform((name) => BEHAVIORS[name]);

const punctuationSchema = z.strictObject({
  type: z.literal('Punctuation'),
  behavior: behaviorSchema.default('isolated'),
});

function readPunctuation(located: Located): PreTokenizer {
  return new PunctuationPreTokenizer(parse(punctuationSchema, located).behavior);
}

const digitsSchema = z.strictObject({ type: z.literal('Digits'), individual_digits: z.boolean() });

function readDigits(located: Located): PreTokenizer {
  return new DigitsPreTokenizer(parse(digitsSchema, located).individual_digits);
}

const charDelimiterSchema = z.strictObject({
  type: z.literal('CharDelimiterSplit'),
  delimiter: z.string().refine((text) => [...text].length === 1, 'expected one character'),
});

function readCharDelimiter(located: Located): PreTokenizer {
  return new CharDelimiterPreTokenizer(parse(charDelimiterSchema, located).delimiter);
}

const fixedLengthSchema = z.strictObject({ type: z.literal('FixedLength'), length: z.int().positive() });

function readFixedLength(located: Located): PreTokenizer {
  return new FixedLengthPreTokenizer(parse(fixedLengthSchema, located).length);
}

const splitSchema = z.strictObject({
  type: z.literal('Split'),
  pattern: z.unknown(),
  behavior: behaviorSchema,
  invert: z.boolean(),
});

function readSplit(located: Located): PreTokenizer {
  const { pattern, behavior, invert } = parse(splitSchema, located);
  return new SplitPreTokenizer({ pattern: readPattern(located, pattern), behavior, invert });
}

const sequenceSchema = z.strictObject({ type: z.literal('Sequence'), pretokenizers: z.array(z.unknown()) });

function readSequence(located: Located): PreTokenizer {
  const { pretokenizers } = parse(sequenceSchema, located);
  return new SequencePreTokenizer(readMembers(located, 'pretokenizers', pretokenizers, readers));
}
