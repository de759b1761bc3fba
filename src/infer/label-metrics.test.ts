import { describe, expect, it } from 'vitest';
import { areEntityTags, entityF1, entitySpans, scoreLabels } from './label-metrics.js';

describe('scoreLabels', () => {
  it('is as worked out by hand', () => {
    // a: TP 2, FP 1, FN 0: F1 4/5; b: TP 1, FP 0, FN 2: F1 1/2; c, predicted only, is no class of the truth.
    const { accuracy, macroF1, count } = scoreLabels(['a', 'a', 'a', 'b', 'c'], ['a', 'a', 'b', 'b', 'b']);
    expect(accuracy).toBeCloseTo(3 / 5);
    expect(macroF1).toBeCloseTo((4 / 5 + 1 / 2) / 2);
    expect(count).toBe(5);
  });

  it('punishes a majority guess in macro F1', () => {
    const actual = [...Array<string>(9).fill('a'), 'b'];
    const { accuracy, macroF1 } = scoreLabels(Array<string>(10).fill('a'), actual);
    expect(accuracy).toBe(0.9);
    expect(macroF1).toBeCloseTo((18 / 19 + 0) / 2);
  });
});

describe('entities', () => {
  it('are spans; an I- that continues nothing begins one', () => {
    expect(entitySpans(['B-A', 'I-A', 'B-A', 'O', 'I-B', 'I-A'])).toEqual([
      'A:0:1',
      'A:2:2',
      'B:4:4',
      'A:5:5',
    ]);
    expect(entitySpans(['O', 'O'])).toEqual([]);
  });

  it('count when limits and type are right', () => {
    const actual = [['B-A', 'I-A', 'O', 'B-B']];
    expect(entityF1(actual, actual)).toBe(1);
    expect(entityF1([['B-A', 'O', 'O', 'B-B']], actual)).toBeCloseTo(0.5);
    expect(entityF1([['O', 'O', 'O', 'O']], actual)).toBe(0);
  });

  it('are recognised by their tags', () => {
    expect(areEntityTags(['O', 'B-A', 'I-A'])).toBe(true);
    expect(areEntityTags(['O', 'NN'])).toBe(false);
    expect(areEntityTags(['O', 'O'])).toBe(false);
  });
});
