import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bestWindows, windowSize, windowsOf } from './windows.js';

describe('windowsOf', () => {
  it('covers every token, and the best window of each token holds it', () => {
    const cases = fc.tuple(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 40 }), fc.nat(39));
    fc.assert(
      fc.property(cases, ([length, size, less]) => {
        const windows = windowsOf(length, size, Math.max(1, size - less));
        for (const [token, best] of bestWindows(length, windows).entries()) {
          const { start, end } = windows[best] ?? { start: 1, end: 0 };
          expect(token >= start && token < end).toBe(true);
        }
        expect(windows.every(({ start, end }) => end - start === Math.min(size, length))).toBe(true);
      }),
    );
  });

  it('reads each token where its poorer side is longest', () => {
    const windows = windowsOf(16, 8, 4);
    expect(windows.map(({ start }) => start)).toEqual([0, 4, 8]);
    expect([...bestWindows(16, windows)]).toEqual([0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2]);
  });

  it('refuses a model that reads no more than what stands around a text', () => {
    const around = { text: '', before: [2], after: [3], ids: [], tokens: [], offsets: [], wordIds: [] };
    expect(windowSize(around, 3)).toBe(1);
    expect(() => windowSize(around, 2)).toThrow(
      'the model reads 2 tokens, no more than it needs around a text',
    );
  });

  it('refuses a stride that leaves gaps', () => {
    expect(() => windowsOf(100, 10, 11)).toThrow('the stride of windows must be from 1 to 10 tokens, got 11');
  });
});
