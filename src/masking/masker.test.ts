import { describe, expect, it } from 'vitest';
import { ConfigError } from '../core/index.js';
import {
  describeMasking,
  formatRate,
  Masker,
  type MaskingGround,
  type MaskingRequest,
  needsWords,
  parseRate,
  rateAt,
  readMaskingConfig,
  STRATEGY_NAMES,
} from './index.js';

const vocabulary = { vocabSize: 40, specialIds: [0, 1, 2, 3, 4], maskId: 4 };
const row = (index: number) =>
  Int32Array.from({ length: 32 }, (_, position) =>
    position === 0 ? 2 : position === 31 ? 3 : 5 + ((index * 11 + position * position) % 35),
  );
const wordStarts = Uint8Array.from({ length: 32 }, (_, position) => Number(position % 3 === 0));
const ground: MaskingGround = {
  vocabulary,
  unigramCounts: Array.from({ length: 40 }, (_, id) => id * id),
  rows: () => Array.from({ length: 50 }, (_, index) => row(index)),
  totalSteps: 100,
};
const masker = (request: Partial<MaskingRequest>, more: Partial<MaskingGround> = {}) =>
  new Masker(readMaskingConfig({ rate: 0.15, ...request }), { ...ground, ...more });
const at = (step: number, epoch = 0, sequenceIndex = 0) => ({ seed: 1, epoch, sequenceIndex, step });
const masked = (subject: Masker, address = at(0)) => subject.mask(row(3), address, wordStarts);
const probe = {
  labels: [5, 6, 7],
  surprisalNats: [0.1, 12, 6],
  entropyNats: [1, 5, 3],
};

describe.each(STRATEGY_NAMES)('a masker by %s', (strategy) => {
  it('masks as a function of seed, place and recorded state alone', () => {
    const first = masker({ strategy });
    const later = [40, 0, 99].map((step) => masked(first, at(step, 2, step)));
    const again = masker({ strategy });
    expect([0, 99, 40].map((step) => masked(again, at(step, 2, step)))).toEqual([
      later[1],
      later[2],
      later[0],
    ]);
    expect(masked(first, { ...at(40, 2, 40), seed: 2 })).not.toEqual(later[0]);
    expect(JSON.parse(JSON.stringify(first.state()))).toEqual(first.state());
  });

  it('goes on from its state as if it had not been interrupted', () => {
    const first = masker({ strategy });
    first.observe(10, 10, probe);
    first.observe(20, 10, { ...probe, surprisalNats: [9, 0, 1] });
    const resumed = new Masker(first.config, ground, JSON.parse(JSON.stringify(first.state())));
    for (const step of [20, 25, 30, 35]) expect(masked(resumed, at(step))).toEqual(masked(first, at(step)));
    resumed.observe(30, 10, probe);
    first.observe(30, 10, probe);
    expect(resumed.state()).toEqual(first.state());
  });
});

describe('estimates', () => {
  it('change masks from the announced step on, not before', () => {
    const subject = masker({ strategy: 'surprisal', options: { temperature: 0.5 } });
    const steps = [0, 9, 19, 20, 50];
    const before = steps.map((step) => masked(subject, at(step)));
    subject.observe(10, 10, { labels: [39, 6], surprisalNats: [50, 0], entropyNats: [0, 0] });
    const after = steps.map((step) => masked(subject, at(step)));
    expect(after.slice(0, 3)).toEqual(before.slice(0, 3));
    expect(after[3]).not.toEqual(before[3]);
    expect(after[3]?.labels).toContain(39);
  });

  it('are asked for only by strategies that use them', () => {
    expect(masker({ strategy: 'uniform' }).probe).toBeUndefined();
    expect(masker({ strategy: 'entropy', options: { every: 0 } }).probe).toBeUndefined();
    expect(masker({ strategy: 'entropy' }).probe).toMatchObject({ every: 100, sequences: 64 });
    expect(masker({ strategy: 'curriculum', options: { from: 'span', to: 'entropy' } }).probe).toMatchObject({
      every: 100,
      sequences: 64,
    });
  });
});

describe('options of masking', () => {
  it('keep the masks of static masking through the epochs', () => {
    const subject = masker({ options: { static: 2 } });
    expect(masked(subject, at(0, 4))).toEqual(masked(subject, at(0, 0)));
    expect(masked(subject, at(0, 3))).toEqual(masked(subject, at(0, 1)));
    expect(masked(subject, at(0, 1))).not.toEqual(masked(subject, at(0, 0)));
  });

  it('never mask what is listed', () => {
    const listed = [7, 12, 19];
    const subject = masker({ rate: 1 }, { vocabulary: { ...vocabulary, neverMaskIds: listed } });
    const { labels } = masked(subject);
    expect(listed.every((id) => row(3).includes(id))).toBe(true);
    expect([...labels].filter((id) => listed.includes(id))).toEqual([]);
    expect(labels.length).toBe([...row(3)].filter((id) => id >= 5 && !listed.includes(id)).length);
  });

  it('change the rate over the run', () => {
    const subject = masker({ rate: '0.5:0.1' });
    const counts = [0, 33, 66, 99].map((step) => masked(subject, at(step)).positions.length);
    expect(counts).toEqual([15, 11, 7, 3]);
    expect(subject.policyAt(99).rate).toBeCloseTo(0.1, 12);
  });

  it('draw a rate for each sequence', () => {
    const subject = masker({ rate: '0.1..0.9' });
    const counts = Array.from(
      { length: 300 },
      (_, index) => masked(subject, at(0, 0, index)).positions.length,
    );
    expect(Math.min(...counts)).toBeLessThan(6);
    expect(Math.max(...counts)).toBeGreaterThan(24);
    expect(counts.reduce((sum, count) => sum + count, 0) / 300).toBeCloseTo(15, -0.3);
  });

  it('need the length of the run for what changes over it', () => {
    const unknown = { totalSteps: undefined };
    expect(() => masker({ rate: '0.3:0.1' }, unknown)).toThrow(
      /give a number of steps, or the masking option/,
    );
    expect(() => masker({ strategy: 'curriculum' }, unknown)).toThrow(ConfigError);
    const given = masker({ rate: '0.3:0.1', options: { scheduleSteps: '11' } }, unknown);
    expect(given.policyAt(5).rate).toBeCloseTo(0.2, 12);
    expect(given.policyAt(50).rate).toBeCloseTo(0.1, 12);
  });
});

describe('readMaskingConfig', () => {
  it('takes values and text, and fills in defaults', () => {
    const text = {
      strategy: 'span',
      rate: '0.2',
      options: { p: '0.5', words: 'true', corruptionRate: '0.4' },
    };
    const values = { strategy: 'span', rate: 0.2, options: { p: 0.5, words: true, corruptionRate: 0.4 } };
    expect(readMaskingConfig(text)).toEqual(readMaskingConfig(values));
    expect(readMaskingConfig(text)).toMatchObject({
      strategy: { name: 'span', p: 0.5, max: 10, words: true },
      rate: { kind: 'constant', rate: 0.2 },
      corruptionRate: 0.4,
      neverMask: [],
    });
    expect(needsWords(readMaskingConfig(text))).toBe(true);
    expect(describeMasking(readMaskingConfig(text))).toBe(
      'span p=0.5 max=10 words=true, rate 0.2, corruption 0.4, mask/random/keep 0.8/0.1/0.1',
    );
  });

  it.each<[Partial<MaskingRequest>, string]>([
    [{ strategy: 'spam' }, "no masking strategy 'spam'; there are uniform, whole-word, span, pmi"],
    [{ strategy: 'span', options: { q: 1 } }, "span masking has no option 'q'; it has p, max, words"],
    [{ options: { q: 1 } }, "uniform masking has no option 'q'; it has none of its own"],
    [{ strategy: 'span', options: { max: 0 } }, 'span masking: max: '],
    [{ strategy: 'span', options: { p: 'x' } }, 'got "x"'],
    [{ strategy: 'curriculum', options: { q: 1 } }, "curriculum masking has no option 'q'"],
    [{ strategy: 'curriculum', options: { to: 'spam' } }, "no masking strategy 'spam'"],
    [{ options: { mask: 0.9 } }, 'sum to 1, got 0.9 + 0.1 + 0.1'],
    [{ rate: '0.3-0.1' }, "expected a masking rate such as 0.15, 0.30:0.15 or 0.1..0.5, got '0.3-0.1'"],
    [{ rate: '0.3:1.5' }, 'must be in (0, 1], got 0.3:1.5'],
    [{ rate: '0.5..0.1' }, 'begins with the smaller one, got 0.5..0.1'],
  ])('refuses %j in one line', (request, message) => {
    expect(() => readMaskingConfig({ rate: 0.15, ...request })).toThrow(ConfigError);
    expect(() => readMaskingConfig({ rate: 0.15, ...request })).toThrow(message);
  });
});

describe('rates', () => {
  it('are written as they are read', () => {
    for (const text of ['0.15', '0.3:0.15', '0.1..0.5']) expect(formatRate(parseRate(text))).toBe(text);
    expect(rateAt(parseRate('0.3:0.1'), 0.25)).toBeCloseTo(0.25, 12);
    expect(rateAt(parseRate('0.1..0.5'), 0.25)).toBeCloseTo(0.3, 12);
  });
});
