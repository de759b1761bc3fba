import { describe, expect, it } from 'vitest';
import { crc32c, maskedCrc32c } from './crc32c.js';
import { decodeTensorBoardScalars, encodeTensorBoardEvent } from './tensorboard.js';

describe('crc32c', () => {
  // RFC 3720, appendix B.4.
  it.each([
    ['32 zeros', new Uint8Array(32), 0x8a9136aa],
    ['32 ones', new Uint8Array(32).fill(0xff), 0x62a8ab43],
    ['ascending', Uint8Array.from({ length: 32 }, (_, index) => index), 0x46dd794e],
    ['descending', Uint8Array.from({ length: 32 }, (_, index) => 31 - index), 0x113fdb5c],
    ['the check value', new TextEncoder().encode('123456789'), 0xe3069283],
  ])('of %s', (_, bytes, expected) => {
    expect(crc32c(bytes)).toBe(expected);
  });

  it('masked is rotated by 15 bits, plus a constant', () => {
    const crc = 0xe3069283;
    const rotated = ((crc >>> 15) | (crc << 17)) >>> 0;
    expect(maskedCrc32c(new TextEncoder().encode('123456789'))).toBe((rotated + 0xa282ead8) % 2 ** 32);
  });
});

describe('TensorBoard events', () => {
  const events = [
    encodeTensorBoardEvent({ kind: 'version', wallTime: 1.5, step: 0 }),
    encodeTensorBoardEvent({ kind: 'start', wallTime: 1.5, step: 7 }),
    encodeTensorBoardEvent({ kind: 'scalars', wallTime: 2, step: 2 ** 40, scalars: { a: 0.5, 'b/c': -3 } }),
    encodeTensorBoardEvent({ kind: 'scalars', wallTime: 2, step: 0, scalars: { a: 2 ** -20 } }),
  ];
  const bytes = Buffer.concat(events);

  it('begin as TensorFlow writes them', () => {
    // The first record of a file that TensorFlow wrote, but for its time and the checksum of its data.
    expect(bytes.subarray(0, 8)).toEqual(Buffer.from([24, 0, 0, 0, 0, 0, 0, 0]));
    expect(bytes.subarray(21, 36).toString('latin1')).toBe('\x1a\rbrain.Event:2');
  });

  it('come back', () => {
    expect(decodeTensorBoardScalars(bytes, 'x')).toEqual([
      { step: 2 ** 40, scalars: { a: 0.5, 'b/c': -3 } },
      { step: 0, scalars: { a: 2 ** -20 } },
    ]);
  });

  it('with one byte changed or cut off are refused', () => {
    for (let offset = 0; offset < bytes.length; offset++) {
      const flipped = Buffer.from(bytes);
      flipped[offset] = (flipped[offset] as number) ^ 0x10;
      expect(() => decodeTensorBoardScalars(flipped, 'x'), `byte ${offset}`).toThrow(
        /^x: the record at byte/,
      );
    }
    expect(() => decodeTensorBoardScalars(bytes.subarray(0, -1), 'x')).toThrow('is cut short');
  });
});
