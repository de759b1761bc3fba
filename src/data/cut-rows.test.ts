import { describe, expect, it } from 'vitest';
import { cutOrder, cutRows, EpochOrder } from './index.js';

const [CLS, SEP] = [2, 3];
const row = (index: number) =>
  Int32Array.from({ length: 10 }, (_, at) => (at === 0 ? CLS : at === 9 ? SEP : 100 * index + at));
const data = {
  sequenceLength: 10,
  count: 3,
  row,
  wordStarts: () => Uint8Array.of(1, 0, 1, 0, 0, 0, 1, 0, 0, 1),
};

describe('cutRows', () => {
  it('makes rows that begin and end as the whole one does', () => {
    const cut = cutRows(data, 6, 2);
    expect(cut).toMatchObject({ sequenceLength: 6, count: 6 });
    expect([...cut.row(2)]).toEqual([CLS, 101, 102, 103, 104, SEP]);
    expect([...cut.row(3)]).toEqual([CLS, 105, 106, 107, 108, SEP]);
    expect([...(cut.wordStarts?.(3) ?? [])]).toEqual([1, 1, 1, 0, 0, 1]);
    expect([...data.row(1)]).toEqual([...row(1)]);
  });

  it('leaves out what fills no piece, and full rows alone', () => {
    expect([...cutRows(data, 5, 2).row(1)]).toEqual([CLS, 4, 5, 6, SEP]);
    expect(cutRows(data, 10, 1)).toBe(data);
    expect(cutRows({ sequenceLength: 10, count: 3, row }, 6, 2).wordStarts).toBeUndefined();
  });
});

describe('cutOrder', () => {
  it('takes every piece of every row once an epoch, from where it is told', () => {
    const order = new EpochOrder(3, 7);
    const cut = cutOrder(order, 2, { firstPiece: 4, firstIndex: 10 });
    const taken = Array.from({ length: 8 }, (_, index) => cut.at(10 + index));
    expect(taken.slice(0, 2).every(({ epoch }) => epoch === 0)).toBe(true);
    expect(taken.slice(0, 2).map(({ row: piece }) => Math.floor(piece / 2))).toEqual(
      Array(2).fill(order.at(2).row),
    );
    const second = taken.slice(2);
    expect(second.every(({ epoch }) => epoch === 1)).toBe(true);
    expect(second.map(({ row: piece }) => piece).sort()).toEqual([0, 1, 2, 3, 4, 5]);
  });
});
