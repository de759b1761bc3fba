import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomPurpose, RandomStream } from '../core/index.js';
import {
  collectPmiVocabulary,
  curriculumMasking,
  easyFirstMasking,
  emptyEstimate,
  entropyMasking,
  estimateOf,
  frequencyBalancedMasking,
  geometricLength,
  type MaskingStrategy,
  maskedCountBound,
  observe,
  pmiMasking,
  spanMasking,
  surprisalMasking,
  uniformMasking,
  wholeWordMasking,
} from './index.js';

/** Something that grows with the id, from 0 to 6 nats. */
const nats = Array.from({ length: 300 }, (_, id) => id / 50);
const span = { p: 0.2, max: 10, words: false };
const strategies: readonly MaskingStrategy[] = [
  uniformMasking,
  wholeWordMasking,
  spanMasking(span),
  { ...spanMasking({ ...span, words: true }), name: 'span of words' },
  pmiMasking({ maxLength: 3, ngrams: new Set(['110 111', '120 121 122', '130 131']) }),
  surprisalMasking(nats, 1),
  entropyMasking(nats, 2),
  easyFirstMasking(nats, 1),
  frequencyBalancedMasking(nats, 0.5),
  curriculumMasking(uniformMasking, spanMasking(span), 0.5),
];

const stream = (seed: number) => new RandomStream(seed, RandomPurpose.masking);
const sequence = (length: number) => Int32Array.from({ length }, (_, position) => 100 + (position % 200));
/** Words of one to four tokens. */
const words = (length: number) =>
  Uint8Array.from({ length }, (_, position) => Number([0, 1, 3, 6].includes(position % 10)));

/** What every question below is asked about. */
const [IDS, WORDS] = [sequence(200), words(200)];

function chosenBy(
  strategy: MaskingStrategy,
  maskable: readonly number[],
  rate: number,
  seed: number,
): Int32Array {
  const exercise = { ids: IDS, maskable: Int32Array.from(maskable).sort(), wordStarts: WORDS };
  return strategy.choosePositions(exercise, rate, stream(seed));
}

/** A sequence's maskable positions, a rate and a seed. */
const questions = fc.record({
  maskable: fc.uniqueArray(fc.integer({ min: 0, max: 199 }), { maxLength: 200 }),
  rate: fc.double({ min: 1e-6, max: 1, noNaN: true }),
  seed: fc.nat(),
});

/** What every masking strategy promises. */
describe.each(strategies)('masking strategy $name', (strategy) => {
  const choose = (maskable: readonly number[], rate: number, seed: number) =>
    chosenBy(strategy, maskable, rate, seed);

  it('chooses ascending positions, each once, out of the maskable ones', () => {
    fc.assert(
      fc.property(questions, ({ maskable, rate, seed }) => {
        const chosen = [...choose(maskable, rate, seed)];
        expect(chosen).toEqual([...new Set(chosen)].sort((a, b) => a - b));
        expect(chosen.every((position) => maskable.includes(position))).toBe(true);
      }),
    );
  });

  it('chooses the exact share, rounded up or down, and at least one', () => {
    fc.assert(
      fc.property(questions, ({ maskable, rate, seed }) => {
        const exact = rate * maskable.length;
        const count = choose(maskable, rate, seed).length;
        expect(count).toBeGreaterThanOrEqual(Math.min(maskable.length, Math.max(1, Math.floor(exact))));
        expect(count).toBeLessThanOrEqual(Math.min(maskable.length, Math.max(1, Math.ceil(exact))));
      }),
    );
  });

  it('never exceeds the bound, and the bound is reached', () => {
    for (const length of [1, 2, 7, 20, 126]) {
      for (const rate of [0.01, 0.15, 0.3, 0.5, 1]) {
        const maskable = Array.from({ length }, (_, position) => position);
        const counts = Array.from({ length: 400 }, (_, seed) => choose(maskable, rate, seed).length);
        expect(Math.max(...counts)).toBe(maskedCountBound(length, rate));
        expect(maskedCountBound(length + 2, rate, 2)).toBe(maskedCountBound(length, rate));
      }
    }
  });

  it('fits into the room that the bound keeps, however many positions of a sequence are special', () => {
    fc.assert(
      fc.property(questions, fc.nat(10), ({ maskable, rate, seed }, others) => {
        const bound = maskedCountBound(maskable.length + others, rate);
        expect(choose(maskable, rate, seed).length).toBeLessThanOrEqual(bound);
        expect(maskedCountBound(maskable.length + others, rate, others)).toBeLessThanOrEqual(bound);
      }),
    );
  });

  it('masks at the rate on average', () => {
    const maskable = Array.from({ length: 18 }, (_, position) => position);
    const runs = 20_000;
    let total = 0;
    for (let seed = 0; seed < runs; seed++) total += choose(maskable, 0.15, seed).length;
    // 2.7 a sequence: 2 or 3, standard deviation 0.458; five standard errors.
    expect(Math.abs(total / runs - 2.7)).toBeLessThan((5 * 0.458) / Math.sqrt(runs));
  });

  it('is a pure function of its arguments', () => {
    const ids = sequence(50);
    const maskable = Int32Array.from({ length: 48 }, (_, index) => index + 1);
    const [idsBefore, maskableBefore] = [ids.slice(), maskable.slice()];
    const exercise = { ids, maskable, wordStarts: words(50) };
    const first = strategy.choosePositions(exercise, 0.3, stream(5));
    const again = strategy.choosePositions(exercise, 0.3, stream(5));
    expect(again).toEqual(first);
    expect([ids, maskable]).toEqual([idsBefore, maskableBefore]);
    expect(strategy.choosePositions(exercise, 0.3, stream(6))).not.toEqual(first);
  });
});

describe('uniformMasking', () => {
  it('gives every subset of a size the same chance', () => {
    const seen = new Map<string, number>();
    const maskable = Int32Array.from({ length: 10 }, (_, position) => position);
    const runs = 24_000;
    for (let seed = 0; seed < runs; seed++) {
      const key = chosenBy(uniformMasking, [...maskable], 0.3, seed).join();
      seen.set(key, (seen.get(key) ?? 0) + 1);
    }
    expect(seen.size).toBe(120); // 10 choose 3
    const expected = runs / 120;
    const chiSquared = [...seen.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    expect(chiSquared).toBeLessThan(172.5); // 119 degrees of freedom, p = 0.001
  });
});

const all = (length: number) => Array.from({ length }, (_, position) => position);

/** Lengths of runs of neighbouring positions. */
function runLengths(positions: Int32Array): number[] {
  const lengths: number[] = [];
  for (const [index, position] of positions.entries()) {
    if (index > 0 && position === (positions[index - 1] as number) + 1)
      lengths.push((lengths.pop() ?? 0) + 1);
    else lengths.push(1);
  }
  return lengths;
}

describe('wholeWordMasking', () => {
  it('masks words whole, but for one at most', () => {
    const starts = words(200);
    const wordOf = Uint32Array.from(starts.keys(), (position) =>
      starts.subarray(0, position + 1).reduce((a, b) => a + b, 0),
    );
    for (let seed = 0; seed < 300; seed++) {
      const chosen = new Set(chosenBy(wholeWordMasking, all(200), 0.15, seed));
      const byWord = new Map<number, { masked: number; size: number }>();
      for (const [position, word] of wordOf.entries()) {
        const { masked, size } = byWord.get(word) ?? { masked: 0, size: 0 };
        byWord.set(word, { masked: masked + Number(chosen.has(position)), size: size + 1 });
      }
      const cut = [...byWord.values()].filter(({ masked, size }) => masked > 0 && masked < size);
      expect(cut.length).toBeLessThanOrEqual(1);
    }
  });

  it('says what is missing without words', () => {
    const exercise = { ids: sequence(5), maskable: Int32Array.of(1, 2) };
    expect(() => wholeWordMasking.choosePositions(exercise, 0.5, stream(0))).toThrow(
      /where words begin: pack the corpus/,
    );
  });
});

describe('spanMasking', () => {
  it('draws lengths from the geometric distribution that is cut off at the maximum', () => {
    const random = stream(1);
    const counts = new Array<number>(5).fill(0);
    const runs = 50_000;
    for (let draw = 0; draw < runs; draw++) {
      const length = geometricLength(0.2, 4, random);
      counts[length] = (counts[length] ?? 0) + 1;
    }
    const mass = [1, 2, 3, 4].map((length) => 0.2 * 0.8 ** (length - 1));
    const total = mass.reduce((sum, p) => sum + p, 0);
    const chiSquared = mass.reduce((sum, p, index) => {
      const expected = (runs * p) / total;
      return sum + ((counts[index + 1] as number) - expected) ** 2 / expected;
    }, 0);
    expect(counts[0]).toBe(0);
    expect(chiSquared).toBeLessThan(16.3); // 3 degrees of freedom, p = 0.001
  });

  it('masks long runs where uniform masking does not, and none over a gap', () => {
    const mean = (strategy: MaskingStrategy) => {
      const lengths = all(300).flatMap((seed) => runLengths(chosenBy(strategy, all(200), 0.15, seed)));
      return lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
    };
    expect(mean(uniformMasking)).toBeLessThan(1.3);
    expect(mean(spanMasking(span))).toBeGreaterThan(3);
    const scattered = all(200).filter((position) => position % 2 === 0);
    const lengths = all(100).flatMap((seed) => runLengths(chosenBy(spanMasking(span), scattered, 0.3, seed)));
    expect(new Set(lengths)).toEqual(new Set([1]));
  });
});

describe('PMI', () => {
  /** "7 8" always together, "5" everywhere, "5 6" as often as chance has it. */
  function corpus(): Int32Array[] {
    const random = stream(2);
    return Array.from({ length: 60 }, () => {
      const row = [1];
      while (row.length < 60) row.push(...([[5], [6], [7, 8], [9, 10, 11]][random.nextInt(4)] as number[]));
      return Int32Array.from([...row, 2]);
    });
  }

  it('finds what belongs together, and no more of it than that', () => {
    const { ngrams } = collectPmiVocabulary(corpus(), [1, 2], { maxLength: 4, minCount: 10, perToken: 0.5 });
    expect(ngrams.has('7 8')).toBe(true);
    expect(ngrams.has('9 10 11')).toBe(true);
    for (const chance of ['5 6', '6 5', '5 5', '8 7', '1 5']) expect(ngrams.has(chance)).toBe(false);
  });

  it('measures a triple against its best cut, as the paper does (eq. 3)', () => {
    // p(a)=p(b)=p(c)=1/3; "a b c" always together: cutting a|bc or ab|c explains all but log(1/3) of it.
    const rows = [Int32Array.from({ length: 3000 }, (_, index) => 5 + (index % 3))];
    const { ngrams } = collectPmiVocabulary(rows, [], { maxLength: 3, minCount: 10, perToken: 10 });
    expect([...ngrams].sort()).toEqual(['5 6', '5 6 7', '6 7', '6 7 5', '7 5', '7 5 6']);
    expect(collectPmiVocabulary(rows, [], { maxLength: 3, minCount: 1001, perToken: 10 }).ngrams.size).toBe(
      0,
    );
  });

  it('masks a collocation whole', () => {
    const strategy = pmiMasking({ maxLength: 3, ngrams: new Set(['110 111', '120 121 122']) });
    for (let seed = 0; seed < 200; seed++) {
      const chosen = new Set(chosenBy(strategy, all(200), 0.3, seed));
      const parts = [20, 21, 22].filter((position) => chosen.has(position)).length;
      expect([0, 3]).toContain(parts);
      expect(chosen.has(10)).toBe(chosen.has(11));
    }
  });
});

describe('strategies by token', () => {
  /** How often the upper half of the ids is chosen, at rate 0.1. */
  const upperShare = (strategy: MaskingStrategy) => {
    const chosen = all(200).flatMap((seed) => [...chosenBy(strategy, all(200), 0.1, seed)]);
    return chosen.filter((position) => position >= 100).length / chosen.length;
  };

  it('prefer what they are named after, and an infinite temperature prefers nothing', () => {
    expect(upperShare(surprisalMasking(nats, 1))).toBeGreaterThan(0.8);
    expect(upperShare(entropyMasking(nats, 1))).toBeGreaterThan(0.8);
    expect(upperShare(easyFirstMasking(nats, 1))).toBeLessThan(0.2);
    expect(upperShare(frequencyBalancedMasking(nats.map(Math.exp), 1))).toBeLessThan(0.2);
    expect(Math.abs(upperShare(surprisalMasking(nats, Number.POSITIVE_INFINITY)) - 0.5)).toBeLessThan(0.04);
  });

  it('draw the first of two in proportion to the weights', () => {
    const strategy = surprisalMasking([0, Math.log(3)], 1);
    const runs = 20_000;
    let second = 0;
    for (let seed = 0; seed < runs; seed++) {
      const exercise = { ids: Int32Array.of(0, 1), maskable: Int32Array.of(0, 1) };
      second += Number(strategy.choosePositions(exercise, 0.5, stream(seed))[0] === 1);
    }
    expect(Math.abs(second / runs - 0.75)).toBeLessThan(5 * Math.sqrt((0.75 * 0.25) / runs));
  });
});

describe('curriculumMasking', () => {
  it('is one strategy at its beginning and the other at its end', () => {
    const lengths = (progress: number) =>
      all(200).flatMap((seed) =>
        runLengths(
          chosenBy(curriculumMasking(uniformMasking, spanMasking(span), progress), all(200), 0.15, seed),
        ),
      );
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean(lengths(0))).toBeLessThan(1.3);
    expect(mean(lengths(1))).toBeGreaterThan(3);
    expect(mean(lengths(0.5))).toBeGreaterThan(mean(lengths(0)) + 0.2);
  });
});

describe('token estimates', () => {
  const counts = [0, 60, 30, 10];
  const probe = { labels: [1, 1, 2], surprisalNats: [2, 4, 1], entropyNats: [1, 2, 3] };

  it('begin as the unigram model and move to what is observed', () => {
    const before = estimateOf(emptyEstimate(4), counts, 2);
    expect([...before.surprisalNats]).toEqual([104, 104 / 61, 104 / 31, 104 / 11].map(Math.log));
    expect(new Set(before.entropyNats).size).toBe(1);
    const state = observe(emptyEstimate(4), 50, probe, 0.5);
    const after = estimateOf(state, counts, 2);
    expect(state.fromStep).toBe(50);
    expect(after.surprisalNats[1]).toBeCloseTo((6 + 2 * Math.log(104 / 61)) / 4, 9);
    expect(after.surprisalNats[3]).toBe(before.surprisalNats[3]);
    expect(after.entropyNats[2]).toBeCloseTo((3 + 2 * (before.entropyNats[0] as number)) / 3, 9);
  });

  it('let older probes fade, and survive JSON unchanged', () => {
    const first = observe(emptyEstimate(4), 50, probe, 0.5);
    const second = observe(first, 100, { labels: [2], surprisalNats: [0.123456], entropyNats: [0] }, 0.5);
    expect(second.seen).toEqual([0, 1, 1.5, 0]);
    expect(second.surprisalNats).toEqual([0, 3, 0.6235, 0]);
    expect(JSON.parse(JSON.stringify(second))).toEqual(second);
  });
});
