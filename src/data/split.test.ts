import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DataError } from '../core/index.js';
import { type Document, fingerprint, splitDocuments } from './index.js';

const corpus = (count: number): Document[] =>
  Array.from({ length: count }, (_, index) => ({ id: `speech-${index}.txt`, text: `Speech ${index}.` }));

const textOf = (documents: readonly Document[]) => documents.map(({ text }) => text).join('');

describe('splitDocuments', () => {
  it('holds out the asked share, whole documents, every one on one side', () => {
    const documents = corpus(4000);
    const { train, heldOut, unit } = splitDocuments(documents);
    expect(unit).toBe('document');
    expect([...train, ...heldOut].sort((a, b) => documents.indexOf(a) - documents.indexOf(b))).toEqual(
      documents,
    );
    // 200 expected, standard deviation 13.8.
    expect(Math.abs(heldOut.length - 200)).toBeLessThan(5 * 13.8);
    expect(Math.abs(splitDocuments(documents, 0.5).heldOut.length - 2000)).toBeLessThan(5 * 31.6);
  });

  it('decides on each document by its id alone', () => {
    const documents = corpus(300);
    const heldOut = new Set(splitDocuments(documents).heldOut.map(({ id }) => id));
    const others = documents.filter((_, index) => index % 2 === 0).map(({ id }) => ({ id, text: 'other' }));
    const heldOutOfOthers = splitDocuments(others).heldOut.map(({ id }) => id);
    expect(heldOutOfOthers).toEqual(others.map(({ id }) => id).filter((id) => heldOut.has(id)));
    expect(heldOutOfOthers.length).toBeGreaterThan(0);
  });

  it('cuts one big file into passages of whole sentences', () => {
    const text = Array.from({ length: 3000 }, (_, index) => `This is sentence ${index}. `).join('');
    const { train, heldOut, unit } = splitDocuments([{ id: 'book.txt', text }]);
    expect(unit).toBe('passage');
    expect(heldOut.length).toBeGreaterThan(0);
    expect(textOf(heldOut).length / text.length).toBeLessThan(0.25);
    for (const passage of [...train, ...heldOut]) {
      expect(passage.id).toMatch(/^book\.txt#\d+$/);
      expect(passage.text).toMatch(/^This is .*\. $/s);
    }
    const inOrder = [...train, ...heldOut].sort((a, b) => passageNumber(a) - passageNumber(b));
    expect(textOf(inOrder)).toBe(text);
  });

  it('works on any text of two words or more and loses nothing', () => {
    const words = fc.array(fc.constantFrom('acgt', 'word', 'A b. C d.', 'x\n', '日本です。', 'Y!\n\n'), {
      minLength: 12,
      maxLength: 400,
    });
    fc.assert(
      fc.property(words, (parts) => {
        const text = parts.join(' ');
        const { train, heldOut } = splitDocuments([{ id: 'a', text }]);
        expect(textOf(train).length).toBeGreaterThan(0);
        expect(textOf(heldOut).length).toBeGreaterThan(0);
        const inOrder = [...train, ...heldOut].sort((a, b) => passageNumber(a) - passageNumber(b));
        expect(textOf(inOrder).trim()).toBe(text.trim());
      }),
    );
  });

  it('says when there is too little', () => {
    expect(() => splitDocuments([{ id: 'a', text: 'word' }])).toThrow(DataError);
    expect(() => splitDocuments([{ id: 'a', text: 'word' }])).toThrow(/too short/);
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
