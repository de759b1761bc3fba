import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigError, RandomPurpose } from '../core/index.js';
import { bertPolicy, checkPolicy, type MaskingVocabulary, maskSequence } from './index.js';

/** Ordinary ids 0, 4-7 and 9-29: specials are neither at the beginning nor together. */
const vocabulary: MaskingVocabulary = { vocabSize: 30, specialIds: [1, 2, 3, 8], maskId: 8 };
const ordinaryIds = Array.from({ length: 30 }, (_, id) => id).filter(
  (id) => !vocabulary.specialIds.includes(id),
);
const [cls, sep] = [1, 2];

const sequences = fc
  .array(fc.integer({ min: 0, max: 29 }), { minLength: 0, maxLength: 60 })
  .map((ids) => Int32Array.from([cls, ...ids, sep]));

const addresses = fc.record({ seed: fc.nat(), epoch: fc.nat(100), sequenceIndex: fc.nat(100_000) });
const rates = fc.double({ min: 0.01, max: 1, noNaN: true });

describe('maskSequence', () => {
  it('predicts what stood there, and changes nothing elsewhere', () => {
    fc.assert(
      fc.property(sequences, rates, addresses, (ids, rate, address) => {
        const before = ids.slice();
        const { inputIds, positions, labels } = maskSequence(ids, vocabulary, bertPolicy(rate), address);
        expect(ids).toEqual(before);
        expect([...labels]).toEqual([...positions].map((position) => ids[position]));
        const restored = inputIds.slice();
        for (const position of positions) restored[position] = ids[position] as number;
        expect(restored).toEqual(ids);
      }),
    );
  });

  it('neither masks nor inserts special ids (transformers 1395, methylbert 28)', () => {
    fc.assert(
      fc.property(sequences, addresses, (ids, address) => {
        const { inputIds, positions, labels } = maskSequence(ids, vocabulary, bertPolicy(1), address);
        expect(labels.some((id) => vocabulary.specialIds.includes(id))).toBe(false);
        for (const position of positions) {
          const shown = inputIds[position] as number;
          expect(shown === vocabulary.maskId || ordinaryIds.includes(shown)).toBe(true);
        }
      }),
    );
  });

  it('leaves no sequence of maskable tokens without a mask', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ordinaryIds), addresses, (id, address) => {
        const masked = maskSequence(Int32Array.of(cls, id, sep), vocabulary, bertPolicy(0.01), address);
        expect([...masked.positions]).toEqual([1]);
      }),
    );
    const nothing = maskSequence(Int32Array.of(cls, 8, 3, sep), vocabulary, bertPolicy(1), address(0));
    expect(nothing.positions.length).toBe(0);
  });

  it('predicts id 0 where that is an ordinary token (mosaicml/examples 457)', () => {
    const { labels } = maskSequence(Int32Array.of(cls, 0, 0, 0, sep), vocabulary, bertPolicy(1), address(0));
    expect([...labels]).toEqual([0, 0, 0]);
  });

  it('shows mask, random and own token 80 : 10 : 10 (BERT-pytorch 29: the mask token was never inserted)', () => {
    const { mask, own, other } = countShown(40_000);
    const total = mask + own + other;
    // A random token is the own one once in 26 times.
    const expected = { mask: 0.8, own: 0.1 + 0.1 / 26, other: 0.1 * (25 / 26) };
    const chiSquared =
      (mask - expected.mask * total) ** 2 / (expected.mask * total) +
      (own - expected.own * total) ** 2 / (expected.own * total) +
      (other - expected.other * total) ** 2 / (expected.other * total);
    expect(chiSquared).toBeLessThan(13.8); // 2 degrees of freedom, p = 0.001
  });

  it('draws random tokens uniformly from the ordinary ones', () => {
    const policy = { rate: 1, maskShare: 0, randomShare: 1, keepShare: 0 };
    const counts = new Map<number, number>();
    const length = 20;
    const runs = 2_000;
    for (let index = 0; index < runs; index++) {
      const { inputIds } = maskSequence(new Int32Array(length).fill(5), vocabulary, policy, address(index));
      for (const id of inputIds) counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    expect([...counts.keys()].sort((a, b) => a - b)).toEqual(ordinaryIds);
    const expected = (length * runs) / ordinaryIds.length;
    const chiSquared = [...counts.values()].reduce(
      (sum, count) => sum + (count - expected) ** 2 / expected,
      0,
    );
    expect(chiSquared).toBeLessThan(52.6); // 25 degrees of freedom, p = 0.001
  });

  it('is addressed by seed, epoch, sequence and purpose alone', () => {
    const ids = Int32Array.from({ length: 64 }, (_, position) => 9 + (position % 20));
    const masked = (changed: object) =>
      maskSequence(ids, vocabulary, bertPolicy(0.3), { seed: 1, epoch: 2, sequenceIndex: 3, ...changed });
    expect(masked({})).toEqual(masked({ purpose: RandomPurpose.masking }));
    for (const changed of [
      { seed: 2 },
      { epoch: 3 },
      { sequenceIndex: 4 },
      { purpose: RandomPurpose.evaluation },
    ]) {
      expect(masked(changed).positions).not.toEqual(masked({}).positions);
    }
  });

  it('refuses a vocabulary of special tokens only', () => {
    const empty = { vocabSize: 2, specialIds: [0, 1], maskId: 1 };
    expect(() => maskSequence(Int32Array.of(0), empty, bertPolicy(0.5), address(0))).toThrow(
      /needs a token that is not special, got 2 ids of which 2 are special/,
    );
  });
});

describe('checkPolicy', () => {
  it('names the value that cannot work', () => {
    expect(() => bertPolicy(0)).toThrow(ConfigError);
    expect(() => bertPolicy(1.5)).toThrow('the masking rate must be in (0, 1], got 1.5');
    expect(() => bertPolicy(Number.NaN)).toThrow(ConfigError);
    const policy = { rate: 0.15, maskShare: 0.8, randomShare: 0.3, keepShare: -0.1 };
    expect(() => checkPolicy(policy)).toThrow(/sum to 1, got 0.8 \+ 0.3 \+ -0.1/);
    expect(() => checkPolicy({ ...policy, keepShare: 0.1 })).toThrow(ConfigError);
  });
});

function address(sequenceIndex: number) {
  return { seed: 0, epoch: 0, sequenceIndex };
}

/** What stands at predicted positions of many sequences of one token. */
function countShown(sequenceCount: number) {
  const shown = { mask: 0, own: 0, other: 0 };
  for (let index = 0; index < sequenceCount; index++) {
    const masked = maskSequence(Int32Array.of(cls, 5, 5, sep), vocabulary, bertPolicy(0.5), address(index));
    for (const position of masked.positions) {
      const id = masked.inputIds[position];
      if (id === vocabulary.maskId) shown.mask++;
      else if (id === 5) shown.own++;
      else shown.other++;
    }
  }
  return shown;
}
