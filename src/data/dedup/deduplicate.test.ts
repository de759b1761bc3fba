import { describe, expect, it } from 'vitest';
import { RandomPurpose, RandomStream } from '../../core/index.js';
import { deduplicate } from './deduplicate.js';
import { jaccard, MinHashIndex, shinglesOf } from './min-hash.js';

/** A text of made-up words, of which every `changed`-th is another one. */
function text(seed: number, changed = 0): string {
  const random = new RandomStream(seed, RandomPurpose.sampling);
  const words = Array.from({ length: 400 }, () => `w${random.nextInt(5000)}`);
  return words.map((word, index) => (changed > 0 && index % changed === 0 ? `x${index}` : word)).join(' ');
}

const document = (id: string, content: string) => ({ id, text: content });

describe('shingles', () => {
  it('are stretches of five words, without case and punctuation', () => {
    expect(shinglesOf('One two, three four five six!').length).toBe(2);
    expect(shinglesOf('One two, three four five six!')).toEqual(shinglesOf('one TWO three four   five six'));
    expect(shinglesOf('two words').length).toBe(1);
    expect(shinglesOf('!!!').length).toBe(0);
  });

  it('compare as sets', () => {
    expect(jaccard(Uint32Array.of(1, 2, 3), Uint32Array.of(2, 3, 4))).toBe(0.5);
    expect(jaccard(Uint32Array.of(), Uint32Array.of(1))).toBe(0);
    expect(jaccard(Uint32Array.of(), Uint32Array.of())).toBe(1);
  });
});

describe('MinHashIndex', () => {
  it('meets similar sets nearly always and different ones hardly ever', () => {
    let [met, strangers] = [0, 0];
    for (let seed = 0; seed < 60; seed++) {
      const index = new MinHashIndex(seed);
      index.add(0, index.keysOf(shinglesOf(text(seed))));
      index.add(1, index.keysOf(shinglesOf(text(1000 + seed))));
      const found = index.candidates(index.keysOf(shinglesOf(text(seed, 60))));
      met += Number(found.includes(0)); // about 0.85 of the shingles are common
      strangers += Number(found.includes(1));
    }
    expect(met).toBeGreaterThan(55);
    expect(strangers).toBe(0);
  });
});

describe('deduplicate', () => {
  it('keeps the first of each kind, in order, and says what repeats what', () => {
    const { kept, duplicates } = deduplicate([
      document('a', text(1)),
      document('b', text(2)),
      document('same', `  ${text(1).toUpperCase().replaceAll(' ', '\n')}`),
      document('near', text(2, 80)),
      document('far', text(1, 6)),
      document('short', 'two words'),
      document('empty', '...'),
    ]);
    expect(kept.map(({ id }) => id)).toEqual(['a', 'b', 'far', 'short', 'empty']);
    expect(duplicates).toMatchObject([
      { id: 'same', of: 'a', similarity: 1 },
      { id: 'near', of: 'b' },
    ]);
    const expected = jaccard(shinglesOf(text(2)), shinglesOf(text(2, 80)));
    expect(duplicates[1]?.similarity).toBe(expected);
    expect(expected).toBeGreaterThan(0.8);
  });

  it('takes a threshold', () => {
    const documents = [document('a', text(2)), document('b', text(2, 80))];
    expect(deduplicate(documents, { threshold: 0.99 }).duplicates).toEqual([]);
    expect(deduplicate(documents, { threshold: 0.8 }).duplicates).toHaveLength(1);
  });
});
