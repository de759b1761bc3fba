import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bucketLength, rowsPerRun } from './buckets.js';
import { groupRows } from './rows.js';
import { type TinyModel, tinyModel } from './testing/index.js';

let tiny: TinyModel;
beforeAll(() => {
  tiny = tinyModel();
});
afterAll(() => tiny.engine.close());

const rowOf = (length: number) => ({
  ids: Array.from({ length }, (_, index) => 5 + (index % 40)),
  positions: [length - 1],
});

describe('groupRows', () => {
  it('gives every row once, in groups that fit their shapes', () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 600 }), { minLength: 1, maxLength: 80 });
    fc.assert(
      fc.property(lengths, (values) => {
        const rows = values.map(rowOf);
        const groups = [...groupRows(rows, 600)];
        expect(new Set(groups.flatMap(({ group }) => group))).toEqual(new Set(rows));
        expect(groups.flatMap(({ group }) => group)).toHaveLength(rows.length);
        for (const { shape, group } of groups) {
          expect(group.length).toBeLessThanOrEqual(shape.batchSize);
          expect(shape.batchSize).toBeLessThanOrEqual(rowsPerRun(shape.sequenceLength));
          for (const { ids } of group) expect(ids.length).toBeLessThanOrEqual(shape.sequenceLength);
        }
      }),
    );
  });

  it('pads lengths to a ladder that ends at what the model reads', () => {
    expect([1, 8, 9, 33, 500, 513].map((length) => bucketLength(length, 700))).toEqual([
      8, 8, 12, 48, 512, 700,
    ]);
  });
});

describe('Predictor.ask', () => {
  it('answers padded rows of mixed lengths as it answers each alone', async () => {
    const rows = [3, 17, 9, 30, 4, 31, 12].map(rowOf);
    const together = await tiny.predictor.distributions(rows);
    for (const [index, row] of rows.entries()) {
      const [alone] = await tiny.predictor.distributions([row]);
      const difference = together[index]?.map((value, id) => Math.abs(value - (alone?.[id] ?? 0)));
      expect(Math.max(...(difference ?? [1]))).toBeLessThan(1e-6);
    }
  });

  it('answers rows with as many positions each, and with unlike numbers, as it answers each alone', async () => {
    const positions = {
      even: [
        [2, 7],
        [0, 4],
        [5, 3],
      ],
      uneven: [[2], [0, 4, 6], [5, 3]],
      odd: [
        [1, 2, 6],
        [0, 4, 5],
        [5, 3, 2],
      ],
    };
    for (const [kind, places] of Object.entries(positions)) {
      const rows = places.map((own, index) => ({ ...rowOf(9 - index), positions: own }));
      for (const { shape } of groupRows(rows, 32)) expect(shape.isEven, kind).toBe(kind === 'even');
      const together = await tiny.predictor.distributions(rows);
      for (const [index, row] of rows.entries()) {
        const alone: number[] = [];
        for (const position of row.positions) {
          const [one] = await tiny.predictor.distributions([{ ids: row.ids, positions: [position] }]);
          alone.push(...(one ?? []));
        }
        expect(together[index]?.length).toBe(alone.length);
        for (const [at, value] of alone.entries()) expect(together[index]?.[at]).toBeCloseTo(value, 6);
      }
    }
  });

  it('answers rows that ask nothing with nothing', async () => {
    const rows = [{ ...rowOf(9), positions: [] }, rowOf(9), { ...rowOf(7), positions: [] }];
    for (const asked of [rows, rows.slice(0, 1), [rows[0], rows[2]] as typeof rows]) {
      const answers = await tiny.predictor.distributions(asked);
      expect(answers.map((values) => values.length)).toEqual(
        asked.map(({ positions }) => positions.length * tiny.predictor.vocabSize),
      );
    }
  });

  it('gives the probability of one id as the distribution has it, over valid ids and over all', async () => {
    const row = { ...rowOf(9), labels: [11] };
    const [distribution] = await tiny.predictor.distributions([row]);
    const answers: number[] = [];
    for (const over of ['valid', 'all'] as const) {
      for await (const { values } of tiny.predictor.ask({ kind: 'labels', over }, [row]))
        answers.push(values[0] ?? 0);
    }
    expect(answers[0]).toBeCloseTo(distribution?.[11] ?? 0, 7);
    expect(answers[1]).toBeLessThan(answers[0] ?? 0); // special ids take their share
  });

  it('gives the hidden states of any layer', async () => {
    const widths: number[] = [];
    for (const layer of [0, 1, 2]) {
      const rows = [{ ids: [2, 9, 8, 3], positions: [] }];
      for await (const { values } of tiny.predictor.ask({ kind: 'layer', layer }, rows))
        widths.push(values.length);
    }
    expect(widths).toEqual([64, 64, 64]);
  });

  it('releases the oldest programs when there are too many', async () => {
    for (let length = 3; length < 31; length++) await tiny.predictor.distributions([rowOf(length)]);
    const again = await tiny.predictor.distributions([rowOf(3)]);
    expect(again[0]?.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
  });
});
