import { InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../core/index.js';
import { parseInterval, type RunFlags, runTarget } from './run-options.js';

describe('parseInterval', () => {
  it.each([
    ['500', { steps: 500 }],
    ['30s', { ms: 30_000 }],
    ['1.5h', { ms: 5_400_000 }],
  ])('reads %s', (text, interval) => {
    expect(parseInterval(text)).toEqual(interval);
  });

  it.each(['', '0s', '-5', '5 steps', '1d'])("refuses '%s' and says what is expected", (text) => {
    expect(() => parseInterval(text)).toThrow(InvalidArgumentError);
    expect(() => parseInterval(text)).toThrow('Expected a number of steps, or a time such as 30s, 5m or 1h.');
  });

  it.each(['0', '1000000001'])('refuses %s steps and says how many there may be', (text) => {
    expect(() => parseInterval(text)).toThrow('Expected a whole number from 1 to 1000000000.');
  });
});

describe('runTarget', () => {
  it.each<[string, RunFlags, object]>([
    ['a new run', { out: 'm' }, { out: 'm' }],
    ['the run of --out', { out: 'm', resume: true }, { out: 'm', resume: true }],
    ['a run by its directory', { resume: 'models/m.run/' }, { out: 'models/m', resume: true }],
  ])('is that of %s', (_, flags, target) => {
    expect(runTarget(flags)).toEqual(target);
  });

  it.each<[string, RunFlags, RegExp]>([
    ['no model directory', {}, /^required option '--out <dir>' not specified; see lacuna --help$/],
    ['--resume without --out', { resume: true }, /^required option '--out <dir>' not specified/],
    [
      'two of them',
      { out: 'm', resume: 'n.run' },
      /^give --resume n\.run or --out m --resume, not both; a corpus/,
    ],
    [
      'a model in place of a run',
      { resume: 'models/m' },
      /^--resume 'models\/m': expected .* name ends in \.run$/,
    ],
  ])('refuses %s', (_, flags, message) => {
    expect(() => runTarget(flags)).toThrow(UsageError);
    expect(() => runTarget(flags)).toThrow(message);
  });
});
