import { describe, expect, it } from 'vitest';
import { DataError } from '../../core/index.js';
import {
  type AuditedSequence,
  type AuditReport,
  AuditTally,
  bertPolicy,
  type Collator,
  type Declaration,
  divergence,
  IGNORED_LABEL,
  independentCollator,
  judge,
  type MaskingPolicy,
  type MaskingVocabulary,
  maskSequence,
  PLANTED_BUGS,
  parseAuditedLine,
} from '../index.js';

/** Id 0 is an ordinary token, as in byte-level vocabularies; specials are neither first nor together. */
const vocabulary: MaskingVocabulary = { vocabSize: 60, specialIds: [1, 2, 3, 8], maskId: 8 };
const [cls, sep] = [1, 2];
const ordinary = Array.from({ length: 60 }, (_, id) => id).filter(
  (id) => !vocabulary.specialIds.includes(id),
);

/** So long that a sequence without a mask, which is failed, does not come about by chance: 0.85^128 = 1e-9. */
const T = 130;

/** [CLS] 128 tokens [SEP], all ordinary ids alike. */
const row = (index: number) =>
  Int32Array.from({ length: T }, (_, position) => {
    if (position === 0) return cls;
    return position === T - 1 ? sep : (ordinary[(index * 7 + position * 3) % ordinary.length] as number);
  });

function audit(
  sequenceAt: (index: number) => AuditedSequence,
  { isExact = false, policy = bertPolicy(0.15), count = 600 } = {},
): AuditReport {
  const tally = new AuditTally({ vocabulary, policy, isExact });
  for (let index = 0; index < count; index++) tally.add(sequenceAt(index));
  return judge(tally);
}

const auditCollator = (collate: Collator) => audit((index) => collate(row(index), vocabulary, index));

function masked(index: number, policy: MaskingPolicy): AuditedSequence {
  const originalIds = row(index);
  const address = { seed: 0, epoch: 0, sequenceIndex: index };
  const { inputIds, positions, labels } = maskSequence(originalIds, vocabulary, policy, address);
  const all = new Int32Array(T).fill(IGNORED_LABEL);
  for (const [place, position] of positions.entries()) all[position] = labels[place] as number;
  return { inputIds, labels: all, originalIds };
}

const failed = ({ checks }: AuditReport) => checks.filter(({ passed }) => !passed).map(({ name }) => name);

describe('an audit', () => {
  it('passes a sound collator, with and without the originals', () => {
    const report = auditCollator(independentCollator);
    expect(failed(report)).toEqual([]);
    expect(report).toMatchObject({ passed: true, sequences: 600, decisions: 76_800, incidents: [] });
    const blind = audit((index) => {
      const { inputIds, labels } = independentCollator(row(index), vocabulary, index);
      return { inputIds, labels };
    });
    expect(failed(blind)).toEqual([]);
  });

  it.each<[string, MaskingPolicy]>([
    ['as BERT does', bertPolicy(0.15)],
    ['at a rate of its own for each sequence', { ...bertPolicy(0.3), rateRange: [0.1, 0.5] }],
    ['with less corruption than prediction', { ...bertPolicy(0.3), corruptionRate: 0.2 }],
    ['with more corruption than prediction', { ...bertPolicy(0.15), corruptionRate: 0.4 }],
    ['without random tokens', { rate: 0.15, maskShare: 1, randomShare: 0, keepShare: 0 }],
  ])('passes our masking %s', (_, policy) => {
    expect(failed(audit((index) => masked(index, policy), { isExact: true, policy }))).toEqual([]);
  });

  it('fails what was declared otherwise, by the check that is meant for it', () => {
    const policy = bertPolicy(0.15);
    const at = (other: MaskingPolicy) =>
      failed(audit((index) => masked(index, other), { isExact: true, policy }));
    expect(at(bertPolicy(0.155))).toEqual(['rate']);
    expect(at({ ...policy, maskShare: 0.78, keepShare: 0.12 })).toEqual(['mask/random/keep']);
    expect(at({ ...policy, corruptionRate: 0.3 })).toEqual(['loss on what is predicted']);
  });

  it('counts short sequences that were left without a mask', () => {
    const report = audit((index) => independentCollator(Int32Array.of(cls, 5, 6, sep), vocabulary, index));
    expect(report.incidents[0]).toMatchObject({ what: 'sequence without a mask' });
    expect(failed(report)).toContain('every sequence masked');
  });

  it('names replacements that are not uniform', () => {
    const skewed = audit((index) => {
      const { inputIds, ...rest } = independentCollator(row(index), vocabulary, index);
      return {
        ...rest,
        inputIds: Int32Array.from(inputIds, (id, at) => (id !== rest.originalIds?.[at] && id !== 8 ? 9 : id)),
      };
    });
    expect(failed(skewed)).toContain('replacements');
  });
});

describe('the historical bugs', () => {
  const expected: Record<string, { checks: string[]; what?: string; id?: number }> = {
    'never-masks': { checks: ['mask/random/keep'] },
    'labels-above-zero': { checks: ['loss on what is predicted'], what: 'corrupted without loss', id: 0 },
    'special-replacements': {
      checks: ['replacements', 'specials untouched'],
      what: 'special token inserted',
    },
    'loss-everywhere': { checks: ['rate', 'mask/random/keep'] },
    'off-by-one': {
      checks: ['mask/random/keep', 'loss on what is predicted'],
      what: 'label is not the token',
    },
    'specials-masked': { checks: ['specials untouched'], what: 'special token predicted' },
  };

  it('are all expected', () => {
    expect(Object.keys(expected)).toEqual(Object.keys(PLANTED_BUGS));
  });

  it.each(Object.entries(PLANTED_BUGS))('%s is caught', (name, { collate }) => {
    const report = auditCollator(collate);
    const { checks = [], what, id } = expected[name] ?? {};
    expect(report.passed).toBe(false);
    for (const check of checks) expect(failed(report)).toContain(check);
    const whats = report.incidents.map((incident) => incident.what);
    if (what) expect(whats).toContain(what);
    if (id !== undefined)
      expect(new Set(report.incidents.map((incident) => incident.id))).toEqual(new Set([id]));
    const impossible = report.checks.filter(({ klNats }) => klNats === Number.POSITIVE_INFINITY);
    expect(impossible.length > 0).toBe(what !== undefined);
  });

  it.each(Object.entries(PLANTED_BUGS))('%s is caught from inputs and labels alone', (_, { collate }) => {
    const report = audit((index) => {
      const { inputIds, labels } = collate(row(index), vocabulary, index);
      return { inputIds, labels };
    });
    expect(report.passed).toBe(false);
  });
});

describe('divergence', () => {
  it('is infinite where something impossible happened, and zero for what was declared', () => {
    expect(divergence([0.5, 0.5], [1, 0])).toBe(Number.POSITIVE_INFINITY);
    expect(divergence([1, 0], [0.5, 0.5])).toBeCloseTo(Math.LN2, 12);
    expect(divergence([0.2, 0.8], [0.2, 0.8])).toBe(0);
  });
});

describe('parseAuditedLine', () => {
  it('reads lines and names what is wrong with one', () => {
    expect(parseAuditedLine('{"input_ids": [1, 8], "labels": [-100, 5]}', 'line 1')).toEqual({
      inputIds: [1, 8],
      labels: [-100, 5],
      originalIds: undefined,
    });
    expect(() => parseAuditedLine('{"input_ids": [1, 8]}', 'line 3')).toThrow(DataError);
    expect(() => parseAuditedLine('{"input_ids": [1, 8], "labels": [1]}', 'line 4')).toThrow(
      'line 4: 2 input_ids, but 1 labels or original_ids',
    );
    expect(() => parseAuditedLine('{"input_ids": [1.5], "labels": [1]}', 'line 5')).toThrow(
      /line 5: input_ids\.0/,
    );
  });

  it('counts ids that the vocabulary does not have', () => {
    const tally = new AuditTally({
      vocabulary,
      policy: bertPolicy(0.15),
      isExact: false,
    } satisfies Declaration);
    tally.add({ inputIds: [1, 99, 5, 2], labels: [-100, -100, 5, -100] });
    expect(judge(tally).incidents).toEqual([
      { what: 'id outside the vocabulary', id: 99, count: 1, sequence: 0, position: 1 },
    ]);
  });
});
