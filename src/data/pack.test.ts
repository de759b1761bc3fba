import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigError, DataError } from '../core/index.js';
import { type Document, type PackedSequences, packDocuments } from './index.js';

const [CLS, SEP, FIRST] = [1, 2, 10];

/** Words are numbers: word n is id 10 + n. */
const encodeIds = (text: string) => Int32Array.from(text.match(/\d+/g) ?? [], (word) => FIRST + Number(word));

const pack = (documents: Iterable<Document>, sequenceLength: number) =>
  packDocuments(documents, { sequenceLength, encodeIds, clsId: CLS, sepId: SEP });

/** Documents of sentences of the given lengths, whose words count up through the whole corpus. */
function numbered(lengths: readonly (readonly number[])[]): Document[] {
  let word = 0;
  return lengths.map((sentences, index) => {
    const texts = sentences.map((length) => `${Array.from({ length }, () => word++).join(' ')}.`);
    return { id: `${index}`, text: texts.join(' ') };
  });
}

const rowsOf = (packed: PackedSequences) =>
  Array.from({ length: packed.count }, (_, index) => [...packed.row(index)]);

const corpora = fc.array(fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 12 }), {
  minLength: 1,
  maxLength: 8,
});
const lengths = fc.integer({ min: 4, max: 40 });

describe('packDocuments', () => {
  it('fills every row: [CLS], text, [SEP]', () => {
    fc.assert(
      fc.property(corpora, lengths, (corpus, sequenceLength) => {
        fc.pre(corpus.some((sentences) => sentences.length > 0));
        const packed = pack(numbered(corpus), sequenceLength);
        expect(packed.count).toBeGreaterThan(0);
        for (const row of rowsOf(packed)) {
          expect(row.length).toBe(sequenceLength);
          expect([row[0], row.at(-1)]).toEqual([CLS, SEP]);
          expect(row.slice(1, -1)).not.toContain(CLS);
          expect(row.every((id) => id === CLS || id === SEP || id >= FIRST)).toBe(true);
        }
      }),
    );
  });

  it('holds every token in order; only openings of sentences and of the corpus appear again', () => {
    fc.assert(
      fc.property(corpora, lengths, (corpus, sequenceLength) => {
        const total = corpus.flat().reduce((sum, length) => sum + length, 0);
        fc.pre(total > 0);
        const rows = rowsOf(pack(numbered(corpus), sequenceLength)).map((row) =>
          row.filter((id) => id >= FIRST),
        );
        let next = 0;
        for (const [index, row] of rows.entries()) {
          const restart = (row[0] as number) - FIRST;
          const isRepeated = restart < next;
          // An opening shown at the end of the last row: at most 8 tokens.
          expect(next - restart).toBeLessThanOrEqual(8);
          expect(restart).toBeLessThanOrEqual(next);
          if (isRepeated) next = restart;
          const fresh = index === rows.length - 1 ? Math.min(row.length, total - next) : row.length;
          expect(row.slice(0, fresh)).toEqual(
            Array.from({ length: fresh }, (_, offset) => FIRST + next + offset),
          );
          next += fresh;
          // What completes the last row is the corpus from its beginning, again and again.
          const again = row.slice(fresh);
          expect(again).toEqual(again.map((_, offset) => FIRST + (offset % total)));
        }
        expect(next).toBe(total);
      }),
      { numRuns: 300 },
    );
  });

  it('puts [SEP] between documents', () => {
    fc.assert(
      fc.property(corpora, lengths, (corpus, sequenceLength) => {
        fc.pre(corpus.flat().length > 0);
        const stream = rowsOf(pack(numbered(corpus), sequenceLength)).flat();
        let first = 0;
        for (const sentences of corpus) {
          const position = stream.indexOf(FIRST + first);
          if (sentences.length > 0) expect([CLS, SEP]).toContain(stream[position - 1]);
          first += sentences.reduce((sum, length) => sum + length, 0);
        }
      }),
    );
  });

  it('goes on in the same row with the next document', () => {
    expect(rowsOf(pack(numbered([[3], [4]]), 10))).toEqual([[CLS, 10, 11, 12, SEP, 13, 14, 15, 16, SEP]]);
  });

  it('leaves no trace of a document without tokens', () => {
    const empty = { id: 'empty', text: ' ' };
    const [first, second] = numbered([[3], [4]]) as [Document, Document];
    expect(rowsOf(pack([empty, first, empty, second, empty], 10))).toEqual(rowsOf(pack([first, second], 10)));
  });

  it('ends a row with a sentence where at most 8 places are left, and shows the opening of the next', () => {
    const rows = rowsOf(pack(numbered([[10, 15]]), 20));
    expect(rows[0]).toEqual([CLS, ...ids(0, 18), SEP]);
    expect(rows[1]?.slice(0, 16)).toEqual([CLS, ...ids(10, 25)]);
  });

  it('cuts a sentence where more places are left, and goes on from the cut', () => {
    const rows = rowsOf(pack(numbered([[9, 15]]), 20));
    expect(rows[0]).toEqual([CLS, ...ids(0, 18), SEP]);
    expect(rows[1]?.slice(0, 8)).toEqual([CLS, ...ids(18, 24), SEP]);
  });

  it('completes the last row from the beginning, and repeats a corpus shorter than a row', () => {
    expect(rowsOf(pack(numbered([[3]]), 12))).toEqual([
      [CLS, ...ids(0, 3), SEP, ...ids(0, 3), SEP, ...ids(0, 2), SEP],
    ]);
    expect(rowsOf(pack(numbered([[8]]), 8))).toEqual([
      [CLS, ...ids(0, 6), SEP],
      [CLS, ...ids(6, 8), SEP, ...ids(0, 3), SEP],
    ]);
  });

  it('reports progress by document', () => {
    const seen: number[] = [];
    const options = { sequenceLength: 8, encodeIds, clsId: CLS, sepId: SEP };
    packDocuments(numbered([[3], [], [4]]), { ...options, onProgress: (documents) => seen.push(documents) });
    expect(seen).toEqual([1, 2, 3]);
  });

  it('refuses a corpus without tokens and rows without room', () => {
    expect(() => pack([{ id: 'a', text: 'no numbers' }], 8)).toThrow(DataError);
    expect(() => pack([], 8)).toThrow('the corpus has no tokens');
    expect(() => pack(numbered([[3]]), 3)).toThrow(ConfigError);
  });
});

/** Ids of words `start` to `end`, exclusive. */
function ids(start: number, end: number): number[] {
  return Array.from({ length: end - start }, (_, offset) => FIRST + start + offset);
}
