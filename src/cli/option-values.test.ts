import { InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import { integerBetween, numberBetween, parseBudget, parseRamp } from './option-values.js';

describe('parseBudget', () => {
  it.each([
    ['90s', 90_000],
    ['2m', 120_000],
    ['1.5h', 5_400_000],
    ['.5m', 30_000],
  ])('reads %s', (text, expected) => {
    expect(parseBudget(text)).toBe(expected);
  });

  it.each(['0', '0s', '-1m', '2', 'm', '', '2 m', '1e3s', 'Infinitys', '2d', '2m3s', `${'9'.repeat(400)}h`])(
    'refuses %j',
    (text) => {
      expect(() => parseBudget(text)).toThrow(InvalidArgumentError);
    },
  );
});

describe('numbers', () => {
  it('are read within their range', () => {
    expect(integerBetween(1, 10)('10')).toBe(10);
    expect(numberBetween(0.1, 0.9)('0.15')).toBe(0.15);
    for (const text of ['0', '11', '1.5', '-1', '', ' 3', '0x3', 'three']) {
      expect(() => integerBetween(1, 10)(text)).toThrow(/whole number from 1 to 10/);
    }
    for (const text of ['0', '1', '', 'NaN', 'half']) {
      expect(() => numberBetween(0.1, 0.9)(text)).toThrow(/number from 0.1 to 0.9/);
    }
  });
});

describe('parseRamp', () => {
  it('reads a size and a number of steps', () => {
    expect(parseRamp('4:500')).toEqual({ from: 4, steps: 500 });
  });

  it.each(['4', '4:', ':500', '0:500', '4:0', '4:5:6', '4.5:500', ''])('refuses %j', (text) => {
    expect(() => parseRamp(text)).toThrow(InvalidArgumentError);
  });
});
