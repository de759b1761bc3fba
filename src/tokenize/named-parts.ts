import { ConfigError } from '../core/index.js';
import type { Normalizer, PreTokenizer } from './component.js';
import { BertNormalizer } from './normalizers/bert.js';
import { ByteLevelNormalizer } from './normalizers/byte-level.js';
import { LowercaseNormalizer } from './normalizers/lowercase.js';
import { NmtNormalizer } from './normalizers/nmt.js';
import { NoNormalizer } from './normalizers/none.js';
import { ReplaceNormalizer } from './normalizers/replace.js';
import { SequenceNormalizer } from './normalizers/sequence.js';
import { StripNormalizer } from './normalizers/strip.js';
import { StripAccentsNormalizer } from './normalizers/strip-accents.js';
import { UnicodeNormalizer } from './normalizers/unicode.js';
import { TextPattern } from './patterns/text-pattern.js';
import { BertPreTokenizer } from './pre-tokenizers/bert.js';
import { ByteLevelPreTokenizer } from './pre-tokenizers/byte-level.js';
import { DigitsPreTokenizer } from './pre-tokenizers/digits.js';
import { MetaspacePreTokenizer } from './pre-tokenizers/metaspace.js';
import { NoPreTokenizer } from './pre-tokenizers/none.js';
import { PunctuationPreTokenizer } from './pre-tokenizers/punctuation.js';
import { SequencePreTokenizer } from './pre-tokenizers/sequence.js';
import { SplitPreTokenizer } from './pre-tokenizers/split.js';
import { UnicodeScriptsPreTokenizer } from './pre-tokenizers/unicode-scripts.js';
import { WhitespacePreTokenizer, WhitespaceSplitPreTokenizer } from './pre-tokenizers/whitespace.js';

/**
 * Parts of identifiers: capitals up to the last before a lower-case letter, capitalised and lower-case words,
 * numbers, underscores, other characters one by one. In Oniguruma's and JavaScript's syntax alike.
 */
export const IDENTIFIER_PATTERN =
  '\\p{Lu}+(?!\\p{Ll})|\\p{Lu}?[\\p{Ll}\\p{Lo}\\p{Lm}\\p{M}]+|\\p{N}+|_+|[^\\s\\p{L}\\p{N}\\p{M}_]';

/** From ">" at the beginning of a line to its end; without `^`, which means other things in other syntaxes. */
const FASTA_HEADER = '(?<![^\\n])>[^\\n]*';

const NORMALIZERS: ReadonlyMap<string, () => Normalizer> = new Map<string, () => Normalizer>([
  ['none', () => new NoNormalizer()],
  ['bert', () => new BertNormalizer()],
  ['bert-cased', () => new BertNormalizer({ lowercase: false })],
  ['nfc', () => new UnicodeNormalizer('NFC')],
  ['nfd', () => new UnicodeNormalizer('NFD')],
  ['nfkc', () => new UnicodeNormalizer('NFKC')],
  ['nfkd', () => new UnicodeNormalizer('NFKD')],
  ['lowercase', () => new LowercaseNormalizer()],
  ['strip-accents', () => new StripAccentsNormalizer()],
  ['strip', () => new StripNormalizer(true, true)],
  ['nmt', () => new NmtNormalizer()],
  ['byte-level', () => new ByteLevelNormalizer()],
]);

const PRE_TOKENIZERS: ReadonlyMap<string, () => PreTokenizer> = new Map<string, () => PreTokenizer>([
  ['none', () => new NoPreTokenizer()],
  ['bert', () => new BertPreTokenizer()],
  ['whitespace', () => new WhitespacePreTokenizer()],
  ['whitespace-split', () => new WhitespaceSplitPreTokenizer()],
  ['punctuation', () => new PunctuationPreTokenizer()],
  ['digits', () => new DigitsPreTokenizer(true)],
  ['digit-runs', () => new DigitsPreTokenizer()],
  ['scripts', () => new UnicodeScriptsPreTokenizer()],
  ['byte-level', () => new ByteLevelPreTokenizer({ addPrefixSpace: false })],
  ['byte-level-only', () => new ByteLevelPreTokenizer({ addPrefixSpace: false, useRegex: false })],
  ['metaspace', () => new MetaspacePreTokenizer()],
  ['identifiers', () => isolate(IDENTIFIER_PATTERN)],
  ['residues', residues],
]);

/** What `namedNormalizer` and `namedPreTokenizer` know, apart from `replace:` and `split:`. */
export const NORMALIZER_NAMES: readonly string[] = [...NORMALIZERS.keys()];
export const PRE_TOKENIZER_NAMES: readonly string[] = [...PRE_TOKENIZERS.keys()];

/**
 * A normalizer by names, several one after another; `replace:REGEX=TEXT` replaces what a pattern matches. Throws
 * ConfigError for an unknown name.
 */
export function namedNormalizer(names: readonly string[]): Normalizer {
  const members = names.map((name) => {
    const [, pattern, content] = /^replace:(.+)=([^=]*)$/s.exec(name) ?? [];
    if (pattern !== undefined) return new ReplaceNormalizer(TextPattern.ofRegex(pattern), content ?? '');
    return create('normalizer', name, NORMALIZERS, 'replace:REGEX=TEXT');
  });
  return members.length === 1 ? (members[0] as Normalizer) : new SequenceNormalizer(members);
}

/**
 * A pre-tokenizer by names, several one after another; `split:REGEX` makes a word of every match of a pattern.
 * Throws ConfigError for an unknown name.
 */
export function namedPreTokenizer(names: readonly string[]): PreTokenizer {
  const members = names.map((name) => {
    const [, pattern] = /^split:(.+)$/s.exec(name) ?? [];
    return pattern === undefined
      ? create('pre-tokenizer', name, PRE_TOKENIZERS, 'split:REGEX')
      : isolate(pattern);
  });
  return members.length === 1 ? (members[0] as PreTokenizer) : new SequencePreTokenizer(members);
}

function create<T>(kind: string, name: string, known: ReadonlyMap<string, () => T>, form: string): T {
  const make = known.get(name);
  if (make !== undefined) return make();
  throw new ConfigError(`${kind} '${name}': expected ${[...known.keys()].join(', ')} or ${form}`);
}

function splitAt(pattern: string) {
  return { pattern: TextPattern.ofRegex(pattern) };
}

/** Every character a word; whitespace and the header lines of FASTA left out. */
function residues(): PreTokenizer {
  return new SequencePreTokenizer([
    new SplitPreTokenizer({ ...splitAt(FASTA_HEADER), behavior: 'removed' }),
    new SplitPreTokenizer({ ...splitAt('\\S'), behavior: 'removed', invert: true }),
  ]);
}

function isolate(pattern: string): PreTokenizer {
  return new SplitPreTokenizer({ ...splitAt(pattern), behavior: 'isolated' });
}
