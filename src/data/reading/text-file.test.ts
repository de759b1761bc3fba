import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DataError } from '../../core/index.js';
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

  it('names the byte at which any lenient decoder puts its first replacement character', () => {
    const byte = fc.oneof(
      fc.constantFrom(0x0a, 0x80, 0xbf, 0xc3, 0xe0, 0xe2, 0xed, 0xf0, 0xf4),
      fc.integer({ min: 1, max: 255 }),
    );
    const lenient = new TextDecoder('utf-8', { ignoreBOM: true });
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 3, min: 1 }),
        fc.array(byte, { maxLength: 12 }),
        (start, rest) => {
          const bytes = Uint8Array.from([...start, ...rest]);
          const prefix = /^[^\ufffd]*/.exec(lenient.decode(bytes))?.[0] ?? '';
          const offset = bytesOf(prefix).length;
          if (offset === bytes.length) expect(decodeText(bytes, 'd.txt')).toBe(prefix.replace(/^\ufeff/, ''));
          else
            expect(() => decodeText(bytes, 'd.txt')).toThrow(
              ` at byte ${offset} (line ${prefix.split('\n').length})`,
            );
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('finds a character cut short at the end of the file, wherever it is cut', () => {
    for (const character of ['é', '日', '🙂']) {
      const whole = bytesOf(`ends in ${character}`);
      for (let end = 9; end < whole.length; end++) {
        expect(() => decodeText(whole.subarray(0, end), 'e.txt')).toThrow('at byte 8 (line 1)');
      }
    }
  });

  it('finds the first malformed character of a long text, however blocks cut its characters', () => {
    const unit = 'é日🙂a';
    const unitBytes = bytesOf(unit).length;
    const text = bytesOf(unit.repeat(110_000)); // 1.1 MB: more than one block
    for (let shift = 0; shift < unitBytes; shift++) {
      for (const place of [0, 50_000 * unitBytes, 109_999 * unitBytes]) {
        const bytes = new Uint8Array(shift + text.length).fill(0x78);
        bytes.set(text, shift);
        bytes[shift + place] = 0xff;
        expect(() => decodeText(bytes, 'c.txt')).toThrow(`at byte ${shift + place} (line 1)`);
      }
    }
  });
});
