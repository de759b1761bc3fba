import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileError, RandomPurpose, RandomStream } from '../../core/index.js';
import type { Document } from '../document.js';
import { DeduplicatedCorpus, Deduplicator, type Duplicate, deduplicate, IntegerTable } from './index.js';
import { KeptDocuments } from './kept-documents.js';

let scratch: string;
beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'lacuna-dedup-'));
});
afterEach(() => rm(scratch, { recursive: true }));

describe('IntegerTable', () => {
  it('is a map of lists, whatever keys meet in one place', () => {
    const pairs = fc.array(fc.tuple(fc.oneof(fc.nat(3), fc.constantFrom(1023, 2047, 0xffffffff)), fc.nat()), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(pairs, (pairs) => {
        const table = new IntegerTable();
        const expected = new Map<number, number[]>();
        // Enough to make the table grow twice, with the pairs spread among the others.
        for (let index = 0; index < 1600; index++) {
          const pair = index % 25 === 0 ? pairs[index / 25] : undefined;
          const [key, value] = pair ?? [Math.imul(index + 1, 0x9e3779b1) >>> 0, index];
          table.add(key, value);
          expected.set(key, [...(expected.get(key) ?? []), value]);
        }
        expect(table.size).toBe(1600);
        for (const [key, values] of expected) expect(table.valuesOf(key)).toEqual(values);
        expect(table.valuesOf(5)).toEqual(expected.get(5) ?? []);
      }),
      { numRuns: 20 },
    );
  });
});

describe('KeptDocuments', () => {
  it('gives back what it keeps, across its buffer, and leaves no file', async () => {
    const kept = new KeptDocuments(scratch);
    const sizes = [3, 0, 400_000, 1, 250_000, 7];
    const documents = sizes.map((size, number) => ({
      id: `file ${number} é`,
      digest: new Uint8Array(16).fill(number),
      shingles: Uint32Array.from({ length: size }, (_, index) => index * 7 + number),
    }));
    for (const [number, { id, digest, shingles }] of documents.entries()) {
      expect(kept.add(id, digest, shingles)).toBe(number);
      expect(kept.idOf(number)).toBe(id);
    }
    for (const [number, { id, digest, shingles }] of documents.entries()) {
      expect(kept.idOf(number)).toBe(id);
      expect(new Uint8Array(kept.digestOf(number))).toEqual(digest);
      const bytes = new Uint8Array(shingles.buffer);
      expect(Buffer.compare(new Uint8Array(kept.shinglesOf(number).buffer), bytes)).toBe(0);
    }
    expect(await readdir(scratch)).toEqual([]);
    kept.close();
  });

  it('says where it cannot write', () => {
    expect(() => new KeptDocuments(join(scratch, 'nowhere'))).toThrow(FileError);
    expect(() => new KeptDocuments(join(scratch, 'nowhere'))).toThrow(
      /cannot keep what was read in '.*nowhere'/,
    );
  });
});

/** Texts of 30 words of which some repeat wholly or nearly. */
function someDocuments(count: number, seed = 0): Document[] {
  const random = new RandomStream(seed, RandomPurpose.sampling);
  const words = (count: number) => Array.from({ length: count }, () => `w${random.nextInt(4000)}`).join(' ');
  const texts: string[] = [];
  for (let number = 0; number < count; number++) {
    const earlier = texts[random.nextInt(Math.max(1, texts.length))] ?? '';
    const kind = random.nextInt(4);
    texts.push(kind === 0 ? earlier.toUpperCase() : kind === 1 ? `${earlier} ${words(3)}` : words(60));
  }
  return texts.map((text, number) => ({ id: `d${number}`, text }));
}

describe('DeduplicatedCorpus', () => {
  const inGroups = (documents: readonly Document[]) => ({
    async *documents() {
      for (let start = 0; start < documents.length; start += 7) yield documents.slice(start, start + 7);
    },
  });

  it('leaves out at every reading what deduplicate leaves out, and tells of it once', async () => {
    const documents = someDocuments(300);
    const expected = deduplicate(documents);
    expect(expected.duplicates.length).toBeGreaterThan(50);
    const told: Duplicate[] = [];
    const corpus = new DeduplicatedCorpus(inGroups(documents), {
      scratch,
      onDuplicate: (duplicate) => told.push(duplicate),
    });
    expect(corpus.duplicates).toBe(0);
    for (let round = 0; round < 3; round++) {
      const kept: Document[] = [];
      for await (const group of corpus.documents()) kept.push(...group);
      expect(kept).toEqual(expected.kept);
      expect(corpus.duplicates).toBe(expected.duplicates.length);
    }
    expect(told).toEqual(expected.duplicates);
  });

  it('begins again after a reading that was broken off', async () => {
    const documents = someDocuments(100, 1);
    const corpus = new DeduplicatedCorpus(inGroups(documents));
    for await (const group of corpus.documents()) {
      expect(group.length).toBeGreaterThan(0);
      break;
    }
    const kept: Document[] = [];
    for await (const group of corpus.documents()) kept.push(...group);
    expect(kept).toEqual(deduplicate(documents).kept);
  });
});

describe('Deduplicator', () => {
  it('names the document that was kept, and compares with few of a template', () => {
    const template = Array.from({ length: 40 }, (_, index) => `line${index}`).join(' ');
    const other = (number: number) =>
      Array.from({ length: 22 }, (_, index) => `own${number}x${index}`).join(' ');
    const deduplicator = new Deduplicator({ scratch });
    // About half of each text is common to all of them: candidates, but no duplicates.
    for (let number = 0; number < 400; number++) {
      expect(deduplicator.add({ id: `t${number}`, text: `${template} ${other(number)}` })).toBeUndefined();
    }
    const near = deduplicator.add({ id: 'near', text: `${template} ${other(7)} and more` });
    expect(near).toMatchObject({ id: 'near', of: 't7' });
    expect(deduplicator.add({ id: 'again', text: `${template} ${other(7)} and more` })).toMatchObject({
      of: 't7',
    });
    deduplicator.close();
  });
});
