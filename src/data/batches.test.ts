import { describe, expect, it } from 'vitest';
import { ConfigError, RandomPurpose } from '../core/index.js';
import {
  bertPolicy,
  Masker,
  type MaskingVocabulary,
  maskedCountBound,
  maskSequence,
  readMaskingConfig,
} from '../masking/index.js';
import {
  type BatchOptions,
  EpochOrder,
  evaluationBatches,
  makeBatch,
  type PackedSequences,
  packDocuments,
  sampledBatches,
} from './index.js';

const vocabulary: MaskingVocabulary = { vocabSize: 40, specialIds: [0, 1, 2, 3, 4], maskId: 4 };

/** Rows [CLS] a b ... [SEP] of 12 ids; the first token after [CLS] differs from row to row. */
function corpus(count: number): PackedSequences {
  const text = Array.from({ length: 10 * count }, (_, index) =>
    index % 10 === 0 ? 5 + index / 10 : 30,
  ).join(' ');
  return packDocuments([{ id: 'a', text }], {
    sequenceLength: 12,
    encodeIds: (piece) => Int32Array.from(piece.match(/\d+/g) ?? [], Number),
    clsId: 1,
    sepId: 2,
  });
}

function options(batchSize: number, rate = 0.3, seed = 7): BatchOptions {
  const plan = { batchSize, sequenceLength: 12, predictionsPerBatch: batchSize * maskedCountBound(12, rate) };
  return { plan, seed, vocabulary, policy: bertPolicy(rate) };
}

const order = (data: PackedSequences, seed = 7) => new EpochOrder(data.count, seed);

/** Rows of a batch as they were before masking. */
function restoredRows({
  inputIds,
  positions,
  labels,
  maskedCount,
}: ReturnType<typeof makeBatch>): number[][] {
  const ids = inputIds.slice();
  for (let index = 0; index < maskedCount; index++) ids[positions[index] as number] = labels[index] as number;
  return Array.from({ length: ids.length / 12 }, (_, row) => [...ids.subarray(row * 12, row * 12 + 12)]);
}

describe('makeBatch', () => {
  it('is a function of data, seed and step, in whatever order steps are asked for', () => {
    const data = corpus(7);
    const shared = order(data);
    const forwards = [0, 1, 2, 3, 4, 5].map((step) => makeBatch(data, shared, step, options(3)));
    for (const step of [5, 0, 3, 1, 4, 2]) {
      expect(makeBatch(data, shared, step, options(3))).toEqual(forwards[step]);
      expect(makeBatch(data, order(data), step, options(3))).toEqual(forwards[step]);
    }
    expect(makeBatch(data, order(data, 8), 0, options(3, 0.3, 8))).not.toEqual(forwards[0]);
  });

  it('sees every row once an epoch, in a new order, across batches that straddle epochs', () => {
    const data = corpus(7);
    const rows = Array.from({ length: 14 }, (_, step) =>
      restoredRows(makeBatch(data, order(data), step, options(3))),
    ).flat();
    const epochs = Array.from({ length: 6 }, (_, epoch) =>
      rows.slice(epoch * 7, epoch * 7 + 7).map((row) => row[1]),
    );
    for (const epoch of epochs)
      expect([...epoch].sort((a = 0, b = 0) => a - b)).toEqual([5, 6, 7, 8, 9, 10, 11]);
    expect(new Set(epochs.map(String)).size).toBeGreaterThan(4);
  });

  it('masks each row anew in every epoch, at the address of its row', () => {
    const data = corpus(1);
    const batches = [0, 1].map((step) => makeBatch(data, order(data), step, options(1)));
    for (const [epoch, batch] of batches.entries()) {
      const address = { seed: 7, epoch, sequenceIndex: 0 };
      expect(batch.inputIds).toEqual(
        maskSequence(data.row(0), vocabulary, bertPolicy(0.3), address).inputIds,
      );
    }
    expect(batches[0]).not.toEqual(batches[1]);
  });

  it('has a fixed number of predictions: the rest weighs 0 and has an ordinary label', () => {
    const data = corpus(5);
    for (let step = 0; step < 30; step++) {
      const { plan } = options(4);
      const { positions, labels, weights, maskedCount, inputIds } = makeBatch(
        data,
        order(data),
        step,
        options(4),
      );
      expect([inputIds.length, positions.length, labels.length, weights.length]).toEqual([48, 16, 16, 16]);
      expect([...weights]).toEqual([...Array(16).keys()].map((index) => Number(index < maskedCount)));
      expect(new Set(positions.subarray(0, maskedCount)).size).toBe(maskedCount);
      expect(positions.every((position) => position >= 0 && position < plan.batchSize * 12)).toBe(true);
      expect(labels.some((label) => vocabulary.specialIds.includes(label))).toBe(false);
    }
  });

  it('makes a batch of rows without anything to mask', () => {
    const ids = new Int32Array(12).fill(3);
    const batch = makeBatch(
      { sequenceLength: 12, count: 1, row: () => ids },
      new EpochOrder(1, 0),
      0,
      options(2),
    );
    expect(batch.maskedCount).toBe(0);
    expect([...batch.labels]).toEqual(Array(8).fill(5));
    expect(batch.weights.every((weight) => weight === 0)).toBe(true);
  });

  it('refuses a plan that does not fit', () => {
    const data = corpus(3);
    const { plan, ...rest } = options(2);
    const make = (changed: object) => () =>
      makeBatch(data, order(data), 0, { plan: { ...plan, ...changed }, ...rest });
    expect(make({ sequenceLength: 16 })).toThrow(/for sequences of 16 tokens, the data has 12/);
    expect(make({ predictionsPerBatch: 1 })).toThrow(ConfigError);
  });
});

describe('evaluationBatches', () => {
  it('asks about every row once, in order, and fills up the last batch with rows without predictions', () => {
    const data = corpus(7);
    const batches = [...evaluationBatches(data, options(3))];
    expect(batches.length).toBe(3);
    const rows = batches.flatMap(restoredRows);
    expect(rows.slice(0, 7)).toEqual(Array.from({ length: 7 }, (_, row) => [...data.row(row)]));
    const last = batches[2] as (typeof batches)[number];
    expect(last.inputIds.length).toBe(36);
    expect([...last.positions.subarray(0, last.maskedCount)].every((position) => position < 12)).toBe(true);
  });

  it('masks by the seed alone, however rows are batched, and not as training does', () => {
    const data = corpus(6);
    const inputs = (batchSize: number, seed: number) =>
      [...evaluationBatches(data, options(batchSize, 0.3, seed))].flatMap(({ inputIds }) => [...inputIds]);
    expect(inputs(2, 7)).toEqual(inputs(3, 7));
    expect(inputs(2, 7)).not.toEqual(inputs(2, 8));
    const address = { seed: 7, epoch: 0, sequenceIndex: 0, purpose: RandomPurpose.evaluation };
    const { inputIds } = maskSequence(data.row(0), vocabulary, bertPolicy(0.3), address);
    expect(inputs(2, 7).slice(0, 12)).toEqual([...inputIds]);
  });
});

describe('sampledBatches', () => {
  it('draws rows and masks by seed and step alone', () => {
    const data = corpus(7);
    const batches = (step: number, seed = 7) => [
      ...sampledBatches(data, { count: 5, step }, options(2, 0.3, seed)),
    ];
    expect(batches(10)).toEqual(batches(10));
    expect(batches(10)).not.toEqual(batches(20));
    expect(batches(10)).not.toEqual(batches(10, 8));
    expect(batches(10)).toHaveLength(3);
    expect(batches(10)[2]?.maskedCount).toBe(3); // one row of ten tokens, the other place repeats it unmasked
  });
});

describe('makeBatch with a masker', () => {
  const masker = new Masker(readMaskingConfig({ strategy: 'span', rate: '0.5:0.1' }), {
    vocabulary,
    unigramCounts: new Array<number>(40).fill(1),
    rows: () => [],
    totalSteps: 5,
  });

  it('masks by strategy and step, micro-batches of a step alike', () => {
    const data = corpus(12);
    const masked = (step: number, microBatches?: number) =>
      makeBatch(data, order(data), step, { ...options(4, 0.5), masker, microBatches }).maskedCount;
    expect([0, 1, 2, 3, 4].map((step) => masked(step))).toEqual([20, 16, 12, 8, 4]);
    expect([0, 1, 2, 3].map((step) => masked(step, 2))).toEqual([20, 20, 16, 16]);
  });

  it('leaves evaluations uniform', () => {
    const data = corpus(5);
    const all = (more: Partial<BatchOptions>) => [...evaluationBatches(data, { ...options(2), ...more })];
    expect(all({ masker })).toEqual(all({}));
  });
});
