import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tokenizerFromJson } from './codec/read.js';
import { ByteLevelPreTokenizer } from './pre-tokenizers/byte-level.js';
import { MetaspacePreTokenizer } from './pre-tokenizers/metaspace.js';
import { readFixtureLines } from './testing/goldens.js';
import type { Tokenizer } from './tokenizer.js';
import { trainBpe, trainByteBpe } from './trainers/bpe.js';
import { trainUnigram } from './trainers/unigram.js';
import { trainWordPiece } from './trainers/wordpiece.js';

const lines = readFixtureLines();
const options = { vocabSize: 500 };
const byteLevel = (addPrefixSpace: boolean, useRegex = true) =>
  trainByteBpe(lines, {
    ...options,
    preTokenizer: new ByteLevelPreTokenizer({ addPrefixSpace, useRegex }),
  });
const metaspace = (prependScheme: 'always' | 'first' | 'never') =>
  trainUnigram(lines, { ...options, preTokenizer: new MetaspacePreTokenizer({ prependScheme }) });

const tokenizers: [string, Tokenizer][] = [
  ['WordPiece', trainWordPiece(lines, options)],
  ['BPE', trainBpe(lines, options)],
  ['byte level', byteLevel(false)],
  ['byte level with a space put before', byteLevel(true)],
  ['byte level without a pattern', byteLevel(true, false)],
  ['metaspace', metaspace('always')],
  ['metaspace at the first text', metaspace('first')],
  ['metaspace where there is a space', metaspace('never')],
];

/** The same tokenizer with an added token that no text has, but that is looked for in normalised text. */
function encodingWholeTexts(tokenizer: Tokenizer): Tokenizer {
  const json = tokenizer.toJSON();
  const never = {
    id: tokenizer.vocabSize,
    content: '\u{10900}\u{10901}never',
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: true,
    special: false,
  };
  return tokenizerFromJson({ ...json, added_tokens: [...json.added_tokens, never] });
}

const text = fc
  .array(
    fc.oneof(
      fc.constantFrom('[MASK]', ' the people', 'nation', ' ', '  ', '\n', '\r\n', '\u2581', "'s", '\u00a0'),
      fc.constantFrom('é', 'e\u0301', '中文', '👩\u200d🚀', '\ud800', '\0', '12', '!?'),
      fc.string({ unit: 'binary', maxLength: 4 }),
    ),
    { maxLength: 10 },
  )
  .map((parts) => parts.join(''));

describe.each(tokenizers)('encoding by cached chunks: %s', (_, tokenizer) => {
  const whole = encodingWholeTexts(tokenizer);

  it('gives what encoding the whole text gives', () => {
    fc.assert(
      fc.property(text, (given) => {
        expect(tokenizer.encode(given)).toEqual(whole.encode(given));
      }),
      { numRuns: 1500, examples: [['\nfoo'], ['[MASK]\nfoo'], ['\u00a0 a']] },
    );
  });

  it('gives the same ids without offsets', () => {
    const ordinary = text.filter((given) => !given.includes('[MASK]'));
    fc.assert(
      fc.property(ordinary, (given) => {
        const { ids } = tokenizer.encode(given, { addSpecialTokens: false });
        expect([...tokenizer.encodeIds(given)]).toEqual(ids);
      }),
      { numRuns: 500 },
    );
  });
});

describe.each(tokenizers)('ids of a text by %s', (_, tokenizer) => {
  it('stay what they are when others are encoded, longer and shorter ones', () => {
    const texts = ['one two three', lines.join(' ').repeat(3), 'four'];
    const encoded = texts.map((text) => tokenizer.encodeIds(text));
    for (const [index, text] of texts.entries()) {
      expect([...(encoded[index] ?? [])]).toEqual(tokenizer.encode(text, { addSpecialTokens: false }).ids);
    }
  });
});
