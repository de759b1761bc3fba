import { describe, expect, it } from 'vitest';
import { formatBar, formatDuration, formatTable } from './format.js';
import { wantsColor } from './terminal.js';

describe('wantsColor', () => {
  it.each([
    [{}, true, true],
    [{}, false, false],
    [{ NO_COLOR: '1' }, true, false],
    [{ NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
    [{ NO_COLOR: '' }, true, true],
    [{ FORCE_COLOR: '1' }, false, true],
    [{ FORCE_COLOR: '0' }, true, false],
    [{ TERM: 'dumb' }, true, false],
  ])('%o on a terminal: %s gives %s', (environment, isTTY, expected) => {
    expect(wantsColor(environment, isTTY)).toBe(expected);
  });
});

describe('format', () => {
  it('writes durations', () => {
    expect([0, 59_400, 125_000, 3_720_000].map(formatDuration)).toEqual(['0s', '59s', '2m 05s', '1h 02m']);
  });

  it('draws bars in eighths', () => {
    expect(formatBar(1, 2)).toBe('██');
    expect(formatBar(0.5, 1)).toBe('▌');
    expect(formatBar(0, 4)).toBe('');
  });

  it('aligns tables', () => {
    expect(formatTable([['name', 'n'], ['é', '10'], ['longer']])).toEqual([
      'name      n',
      'é        10',
      'longer',
    ]);
  });
});
