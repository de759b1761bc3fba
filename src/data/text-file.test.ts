import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DataError } from '../core/index.js';
import { decodeText } from './index.js';

const bytesOf = (text: string) => new TextEncoder().encode(text);

describe('decodeText', () => {
  it('reads UTF-8 and drops a byte-order mark', () => {
    expect(decodeText(bytesOf('\ufeffnaïve 日本 🙂'), 'a.txt')).toBe('naïve 日本 🙂');
  });

  it('says that a binary file is not text', () => {
    const png = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0);
    expect(() => decodeText(png, 'a.png')).toThrow(DataError);
    expect(() => decodeText(png, 'a.png')).toThrow(
      /^'a\.png' is not text: byte 8 is NUL; expected UTF-8 text/,
    );
  });

  it.each([
    ['a Latin-1 letter', [0xe9]],
    ['a lonely continuation byte', [0x80]],
    ['a character cut short', [0xe2, 0x82]],
    ['an overlong form', [0xc0, 0xaf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
  ])('names byte and line of %s', (_name, malformed) => {
    const before = bytesOf('zwölf\nBoxkämpfer ');
    for (const after of ['', ' jagen\n']) {
      const bytes = Uint8Array.from([...before, ...malformed, ...bytesOf(after)]);
      const message = `'b.txt' is not valid UTF-8 at byte ${before.length} (line 2)`;
      expect(() => decodeText(bytes, 'b.txt')).toThrow(message);
    }
  });

  it('finds the first malformed character of a long text, at any alignment', () => {
    const text = bytesOf('é日🙂a'.repeat(130_000)); // 1.3 MB: more than one block
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 129_999 }), fc.constantFrom(0, 2, 5, 9), (repeat, start) => {
        const bytes = text.slice();
        bytes[repeat * 10 + start] = 0xff;
        expect(() => decodeText(bytes, 'c.txt')).toThrow(`at byte ${repeat * 10 + start} (line 1)`);
      }),
      { numRuns: 20 },
    );
  });
});
