import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tokenizerFromJson } from './codec/read.js';
import { type GoldenEncoding, readFixtureLines, readGoldens } from './testing/goldens.js';
import type { Tokenizer } from './tokenizer.js';
import { trainWordPiece } from './trainers/wordpiece.js';

const { reference, tokenizers } = readGoldens();

/** UTF-16 code units before each code point, and at the end. */
function utf16Positions(text: string): number[] {
  const positions = [0];
  for (const character of text) positions.push((positions.at(-1) as number) + character.length);
  return positions;
}

/** Offsets of the golden in UTF-16 code units; the second text of a pair has its own. */
function expectedOffsets({
  text,
  pair,
  codePointOffsets,
  typeIds,
}: GoldenEncoding): (number | undefined)[][] {
  const positions = [utf16Positions(text), utf16Positions(pair ?? '')];
  return codePointOffsets.map((range, index) =>
    range.map((codePoint) => positions[typeIds[index] as number]?.[codePoint]),
  );
}

describe.each(tokenizers)('encoding, as in the reference', ({ json, encodings }) => {
  const tokenizer = tokenizerFromJson(json);

  it.each(encodings)(`gives the encoding of ${reference}: $text`, (golden) => {
    const { text, pair, addSpecialTokens } = golden;
    const encoding = tokenizer.encode(
      text,
      pair === null ? { addSpecialTokens } : { addSpecialTokens, pair },
    );
    expect(encoding).toEqual({
      ids: golden.ids,
      tokens: golden.tokens,
      offsets: expectedOffsets(golden),
      wordIds: golden.wordIds,
      specialTokensMask: golden.specialTokensMask,
      typeIds: golden.typeIds,
      sequenceIds: golden.specialTokensMask.map((isSpecial, index) =>
        isSpecial === 1 ? null : golden.typeIds[index],
      ),
      attentionMask: golden.ids.map(() => 1),
      overflowing: [],
    });
    expect(tokenizer.decode(golden.ids)).toBe(golden.decoded);
    expect(tokenizer.decode(golden.ids, { skipSpecialTokens: false })).toBe(golden.decodedWithSpecial);
  });
});

const trained = (options: { lowercase: boolean }) =>
  trainWordPiece(readFixtureLines(), { vocabSize: 600, minFrequency: 0, ...options });

/** Strings rich in what normalisation changes: marks, ideographs, controls, lone surrogates, special tokens. */
const unicodeText = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        'é',
        'e\u0301\u0323',
        '\u302e',
        '中文',
        '\ud800',
        '\udc00',
        '\0',
        '\r\n',
        '\u200b',
        'İ',
        'Σ',
        '각',
      ),
      fc.constantFrom('[MASK]', '[SEP]', '[MASK', ' the people ', 'nation,'),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

function expectOffsetsInOrder(tokenizer: Tokenizer, text: string): void {
  const { offsets, wordIds } = tokenizer.encode(text, { addSpecialTokens: false });
  let previousEnd = 0;
  offsets.forEach(([start, end], index) => {
    expect(start).toBeLessThan(end);
    expect(end).toBeLessThanOrEqual(text.length);
    // One character that became several, such as an ideograph with its spaces, may be shared by tokens.
    if (wordIds[index] !== wordIds[index - 1]) expect(start).toBeGreaterThanOrEqual(previousEnd);
    previousEnd = end;
  });
}

describe('properties', () => {
  const uncased = trained({ lowercase: true });
  const cased = trained({ lowercase: false });

  it('keeps offsets in bounds and in order', () => {
    fc.assert(
      fc.property(unicodeText, (text) => {
        expectOffsetsInOrder(uncased, text);
        expectOffsetsInOrder(cased, text);
      }),
      { numRuns: 2000 },
    );
  });

  it('points at original text that encodes to the same word', () => {
    // A spacing mark that is moved takes another character's place, as in the reference; see the goldens.
    const withoutMoves = unicodeText.filter((text) => !/\p{Mc}/u.test(text));
    fc.assert(
      fc.property(withoutMoves, (text) => {
        const { ids, offsets, wordIds } = uncased.encode(text, { addSpecialTokens: false });
        for (const word of new Set(wordIds)) {
          const first = wordIds.indexOf(word);
          const last = wordIds.lastIndexOf(word);
          const covered = text.slice(offsets[first]?.[0], offsets[last]?.[1]);
          expect(uncased.encode(covered, { addSpecialTokens: false }).ids).toEqual(
            ids.slice(first, last + 1),
          );
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('gives the same ids fast and with offsets', () => {
    const withoutSpecial = unicodeText.filter((text) => !/\[(MASK|SEP)\]/.test(text));
    fc.assert(
      fc.property(withoutSpecial, (text) => {
        for (const tokenizer of [uncased, cased]) {
          expect([...tokenizer.encodeIds(text)]).toEqual(
            tokenizer.encode(text, { addSpecialTokens: false }).ids,
          );
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('takes special tokens in corpus text for ordinary text', () => {
    expect(uncased.encode('[MASK]', { addSpecialTokens: false }).ids).toEqual([uncased.special.mask]);
    const ids = [...uncased.encodeIds('the [MASK] people')];
    expect(ids.some((id) => id !== uncased.special.unk && uncased.specialIds.includes(id))).toBe(false);
  });

  it('encodes texts far longer than its first guess', () => {
    const text = 'zqxj'.repeat(20) + ' !?'.repeat(50_000);
    expect([...uncased.encodeIds(text)]).toEqual(uncased.encode(text, { addSpecialTokens: false }).ids);
  });

  it('leaves ids outside the vocabulary out of decoded text', () => {
    const the = uncased.tokenToId('the') as number;
    expect(uncased.decode([the, -1, 1_000_000, the])).toBe('the the');
  });
});
