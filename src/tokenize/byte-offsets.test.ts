import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toByteOffsets } from './byte-offsets.js';

describe('toByteOffsets', () => {
  it('counts one to four bytes a character', () => {
    expect(
      toByteOffsets('aé中\u{1f600}z', [
        [0, 1],
        [1, 2],
        [2, 3],
        [3, 5],
        [5, 6],
        [0, 6],
      ]),
    ).toEqual([
      [0, 1],
      [1, 3],
      [3, 6],
      [6, 10],
      [10, 11],
      [0, 11],
    ]);
  });

  it('agrees with the encoder on any text, lone surrogates included', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.constantFrom('', '\ud800', '\udc00'), (text, lone) => {
        const whole = text + lone + text;
        const [range] = toByteOffsets(whole, [[text.length, whole.length]]);
        const before = Buffer.byteLength(whole.slice(0, text.length));
        expect(range).toEqual([before, before + Buffer.byteLength(whole.slice(text.length))]);
      }),
    );
  });
});
