import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DataError } from '../core/index.js';
import { type Document, fingerprint, planSplit, splitGroup } from './index.js';

const corpus = (count: number): Document[] =>
  Array.from({ length: count }, (_, index) => ({ id: `speech-${index}.txt`, text: `Speech ${index}.` }));

/** A split of documents that are read in groups of three. */
async function splitDocuments(documents: readonly Document[], fraction?: number) {
  const groups = function* () {
    for (let start = 0; start < documents.length; start += 3) yield documents.slice(start, start + 3);
  };
  const plan = await planSplit(groups, fraction);
  const { train, heldOut } = splitGroup(documents, plan.rule);
  expect(plan.train).toEqual(tallyOf(train));
  expect(plan.heldOut).toEqual(tallyOf(heldOut));
  return { train, heldOut, rule: plan.rule };
}

const tallyOf = (documents: readonly Document[]) => ({
  documents: documents.length,
  bytes: documents.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0),
});

const textOf = (documents: readonly Document[]) => documents.map(({ text }) => text).join('');

describe('splitDocuments', () => {
  it('holds out the asked share, whole documents, every one on one side', async () => {
    const documents = corpus(4000);
    const { train, heldOut, rule } = await splitDocuments(documents);
    expect(rule).toEqual({ heldOutFraction: 0.05 });
    expect([...train, ...heldOut].sort((a, b) => documents.indexOf(a) - documents.indexOf(b))).toEqual(
      documents,
    );
    // 200 expected, standard deviation 13.8.
    expect(Math.abs(heldOut.length - 200)).toBeLessThan(5 * 13.8);
    const half = await splitDocuments(documents, 0.5);
    expect(Math.abs(half.heldOut.length - 2000)).toBeLessThan(5 * 31.6);
  });

  it('decides on each document by its id alone', async () => {
    const documents = corpus(300);
    const heldOut = new Set((await splitDocuments(documents)).heldOut.map(({ id }) => id));
    const others = documents.filter((_, index) => index % 2 === 0).map(({ id }) => ({ id, text: 'other' }));
    const heldOutOfOthers = (await splitDocuments(others)).heldOut.map(({ id }) => id);
    expect(heldOutOfOthers).toEqual(others.map(({ id }) => id).filter((id) => heldOut.has(id)));
    expect(heldOutOfOthers.length).toBeGreaterThan(0);
  });

  it('cuts one big file into passages of whole sentences', async () => {
    const text = Array.from({ length: 3000 }, (_, index) => `This is sentence ${index}. `).join('');
    const { train, heldOut, rule } = await splitDocuments([{ id: 'book.txt', text }]);
    expect(rule.passageLength).toBe(2000);
    expect(heldOut.length).toBeGreaterThan(0);
    expect(textOf(heldOut).length / text.length).toBeLessThan(0.25);
    for (const passage of [...train, ...heldOut]) {
      expect(passage.id).toMatch(/^book\.txt#\d+$/);
      expect(passage.text).toMatch(/^This is .*\. $/s);
    }
    const inOrder = [...train, ...heldOut].sort((a, b) => passageNumber(a) - passageNumber(b));
    expect(textOf(inOrder)).toBe(text);
  });

  it('works on any text of two words or more and loses nothing', async () => {
    const words = fc.array(fc.constantFrom('acgt', 'word', 'A b. C d.', 'x\n', '日本です。', 'Y!\n\n'), {
      minLength: 12,
      maxLength: 400,
    });
    await fc.assert(
      fc.asyncProperty(words, async (parts) => {
        const text = parts.join(' ');
        const { train, heldOut } = await splitDocuments([{ id: 'a', text }]);
        expect(textOf(train).length).toBeGreaterThan(0);
        expect(textOf(heldOut).length).toBeGreaterThan(0);
        const inOrder = [...train, ...heldOut].sort((a, b) => passageNumber(a) - passageNumber(b));
        expect(textOf(inOrder).trim()).toBe(text.trim());
      }),
    );
  });

  it('holds out about 2 MiB of a corpus whose share would be larger', async () => {
    const text = 'a'.repeat(1 << 16);
    const documents = Array.from({ length: 3000 }, (_, index) => ({ id: `${index}`, text }));
    const { rule, heldOut } = await splitDocuments(documents);
    expect(rule.heldOutFraction).toBeLessThan(0.02);
    expect(heldOut.length).toBeGreaterThan(15);
    expect(heldOut.length).toBeLessThan(50);
    // The smaller part is held out of the larger one, too.
    const larger = splitGroup(documents, { heldOutFraction: 0.05 }).heldOut;
    expect(larger).toEqual(expect.arrayContaining(heldOut));
  });

  it('says when there is too little', async () => {
    const split = splitDocuments([{ id: 'a', text: 'word' }]);
    await expect(split).rejects.toThrow(DataError);
    await expect(split).rejects.toThrow(/too short/);
  });
});

describe('fingerprint', () => {
  it('depends on ids, texts and where one ends', () => {
    const prints = [
      [{ id: 'a', text: 'b' }],
      [{ id: 'a', text: 'c' }],
      [{ id: 'c', text: 'b' }],
      [{ id: 'ab', text: '' }],
      [
        { id: 'a', text: 'b' },
        { id: 'a', text: 'b' },
      ],
    ].map(fingerprint);
    expect(new Set(prints).size).toBe(prints.length);
    // printf 'a\0b\0' | sha256sum
    expect(prints[0]).toBe('8fb20ef63ced4145fc2e983ffe597d1dcff39154c3bf21f0fa9dde6a0c50fdc9');
  });
});

function passageNumber({ id }: Document): number {
  return Number(id.slice(id.indexOf('#') + 1));
}
