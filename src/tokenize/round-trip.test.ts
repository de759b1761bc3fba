import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { namedNormalizer, namedPreTokenizer } from './named-parts.js';
import { readFixtureLines } from './testing/goldens.js';
import { trainByteBpe } from './trainers/bpe.js';
import { trainCharacter } from './trainers/character.js';

/** Strings of every kind: graphemes, any code units, what words are cut at, special tokens. */
const anyText = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'grapheme-ascii' }),
      fc.constantFrom(
        ' ',
        '  ',
        '\n',
        '\r\n',
        '\0',
        '\t',
        "'s",
        "'LL",
        ' the',
        '[MASK]',
        'Ġ',
        '▁',
        '\ufeff',
        '\u0301',
      ),
      fc.constantFrom(
        '👩‍👩‍👧',
        '🏳️‍🌈',
        'e\u0323\u0301',
        'ﬁ',
        'HTTPServer2_x',
        '中文',
        'กำ',
        '\u{10ffff}',
        '\u{e0001}',
      ),
    ),
    { maxLength: 16 },
  )
  .map((parts) => parts.join(''));

/** Lone surrogates, which no encoder writes, become U+FFFD. */
const loneSurrogates = fc
  .array(fc.constantFrom('a', ' ', '\ud800', '\udc00', '\u{1f600}', '\n'), { maxLength: 12 })
  .map((parts) => parts.join(''));

const lines = readFixtureLines();
const LLAMA3 =
  "split:(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
const tokenizers = {
  'GPT-2': trainByteBpe(lines, { vocabSize: 500 }),
  'words by a pattern': trainByteBpe(lines, {
    vocabSize: 500,
    preTokenizer: namedPreTokenizer([LLAMA3, 'byte-level-only']),
  }),
  identifiers: trainByteBpe(lines, {
    vocabSize: 400,
    preTokenizer: namedPreTokenizer(['identifiers', 'byte-level-only']),
  }),
  'bytes alone': trainByteBpe(lines, {
    vocabSize: 261,
    preTokenizer: namedPreTokenizer(['byte-level-only']),
  }),
};

/** A recorded run of 50,000 is in bench/tokenizers/parity/README.md. */
const NUM_RUNS = Number(process.env.NUM_RUNS ?? 1000);

describe.each(Object.entries(tokenizers))('byte-level: %s', (_, tokenizer) => {
  it('decodes what it encoded', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const { ids } = tokenizer.encode(text, { addSpecialTokens: false });
        expect(tokenizer.decode(ids, { skipSpecialTokens: false })).toBe(text);
        expect(tokenizer.decode(tokenizer.encodeIds(text))).toBe(text);
      }),
      { numRuns: NUM_RUNS },
    );
  });

  it('decodes a lone surrogate to U+FFFD', () => {
    fc.assert(
      fc.property(loneSurrogates, (text) => {
        const wellFormed = text.replace(/\p{Surrogate}/gu, '\ufffd');
        expect(tokenizer.decode(tokenizer.encode(text).ids)).toBe(wellFormed);
        expect(tokenizer.decode(tokenizer.encodeIds(text))).toBe(wellFormed);
      }),
      { numRuns: NUM_RUNS },
    );
  });

  it('covers the text with offsets in order', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const { offsets } = tokenizer.encode(text, { addSpecialTokens: false });
        let covered = 0;
        for (const [start, end] of offsets) {
          expect(start).toBeLessThanOrEqual(covered);
          expect(end).toBeGreaterThanOrEqual(covered);
          covered = end;
        }
        expect(covered).toBe(text.length);
      }),
      { numRuns: NUM_RUNS },
    );
  });
});

describe('named parts', () => {
  const words = (names: readonly string[], text: string) => {
    const tokenizer = trainCharacter([text], { preTokenizer: namedPreTokenizer(names) });
    const { tokens, wordIds } = tokenizer.encode(text, { addSpecialTokens: false });
    const found: string[] = [];
    tokens.forEach((token, index) => {
      const word = wordIds[index] as number;
      found[word] = (found[word] ?? '') + token;
    });
    return found.filter((word) => word !== undefined);
  };

  it.each<[string, string[]]>([
    ['getHTTPServer', ['get', 'HTTP', 'Server']],
    ['snake_case__name2', ['snake', '_', 'case', '__', 'name', '2']],
    ['XMLHttpRequest.open()', ['XML', 'Http', 'Request', '.', 'open', '(', ')']],
    ['élanVital αβΓδ', ['élan', 'Vital', 'αβ', 'Γδ']],
    ['中文Name', ['中文', 'Name']],
  ])('cut the identifiers of %s', (text, expected) => {
    expect(words(['whitespace-split', 'identifiers'], text)).toEqual(expected);
  });

  it('cut residues of FASTA, line breaks left out', () => {
    expect(words(['residues'], 'MKV\nLA')).toEqual(['M', 'K', 'V', 'L', 'A']);
    expect(words(['residues'], '>sp|P1 of a > b\nMK\n>sp|P2\nV>')).toEqual(['M', 'K', 'V', '>']);
  });

  it('refuse an unknown name', () => {
    expect(() => namedPreTokenizer(['white'])).toThrow(/pre-tokenizer 'white': expected .*whitespace/);
    expect(() => namedNormalizer(['nfx'])).toThrow(/normalizer 'nfx': expected none, bert/);
    expect(() => namedNormalizer(['replace:(a+)+=b'])).toThrow(/unbounded time/);
  });
});
