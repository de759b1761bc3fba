import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../core/index.js';
import { decodeTorch } from './checkpoint.js';
import { PickleTuple, unpickle } from './unpickle.js';

const read = (name: string) => new Uint8Array(readFileSync(new URL(`../goldens/${name}`, import.meta.url)));

interface Golden {
  readonly values: Readonly<Record<string, { readonly shape: number[]; readonly data: number[] }>>;
}
const golden = JSON.parse(new TextDecoder().decode(read('torch.json'))) as Golden;

/** bfloat16 and float16 come as raw bits. */
const RAW_BITS: Readonly<Record<string, number[]>> = { half: [0x3e00, 0xb400], bfloat: [0x4040, 0xbf00] };

describe.each(['torch-zip.pt', 'torch-legacy.pt'])("torch.save's %s", (name) => {
  const bytes = read(name);

  it('gives the values of PyTorch, row-major, by name', () => {
    const tensors = decodeTorch(bytes, name);
    expect([...tensors.keys()]).toEqual(Object.keys(golden.values));
    for (const [key, { shape, data }] of Object.entries(golden.values)) {
      const tensor = tensors.get(key);
      expect(tensor?.shape, key).toEqual(shape);
      expect(Array.from(tensor?.data ?? [], Number), key).toEqual(RAW_BITS[key] ?? data);
    }
  });

  it('is refused at every length that it is cut to', () => {
    for (let length = 0; length < bytes.length - 1; length += 7) {
      expect(() => decodeTorch(bytes.slice(0, length), name)).toThrow(FormatError);
    }
  });

  it('changed at random gives tensors or a FormatError, nothing else', () => {
    const change = fc.record({ at: fc.nat(bytes.length - 1), byte: fc.integer({ min: 0, max: 255 }) });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const changed = bytes.slice();
        for (const { at, byte } of changes) changed[at] = byte;
        try {
          for (const { shape, data } of decodeTorch(changed, name).values()) {
            expect(data.length).toBe(shape.reduce((product, size) => product * size, 1));
          }
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
      { numRuns: 2000, seed: 5 },
    );
  });
});

/** A pickle of latin-1 characters. */
const pickle = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

const nothing = {
  isAllowed: () => false,
  call: () => null,
  persistent: () => null,
};

describe('unpickle', () => {
  const load = (text: string) => unpickle(pickle(text), nothing, 'x.pt').value;

  it('reads plain data of protocols 0 to 4', () => {
    expect(load('I7\n.')).toBe(7);
    expect(load('\x80\x02]q\x00(K\x01M\x00\x02J\xff\xff\xff\xffe.')).toEqual([1, 512, -1]);
    expect(load('(dVkey\nI01\ns.')).toEqual(new Map([['key', 1]]));
    expect(load('\x80\x04\x8c\x02hi\x94h\x00\x86.')).toEqual(new PickleTuple(['hi', 'hi']));
    expect(load('\x80\x02\x8a\x02\x00\xff.')).toBe(-256);
    expect(load('G\x3f\xf8\x00\x00\x00\x00\x00\x00.')).toBe(1.5);
  });

  it.each([
    ['a call of the system', "cos\nsystem\n(S'ls'\ntR.", /loads 'os\.system'.*refused, nothing was run/],
    ['a name from the stack', '\x8c\x08builtins\x8c\x04eval\x93.', /loads 'builtins\.eval'/],
    ['an instance', '(ios\nsystem\n.', /opcode 0x69 is refused/],
    ['an object made by its class', '))\x81.', /opcode 0x81 is refused/],
    ['an extension', '\x82\x01.', /opcode 0x82 is refused/],
    ['an empty stack', '.', /expected a value on the stack/],
    ['a missing marker', 'K\x01t.', /expected a marker/],
    ['what was not remembered', 'h\x07.', /value 7 was not remembered/],
    ['a text that is longer than the file', 'X\xff\xff\xff\x7fhi.', /expected 2147483647 bytes more/],
    ['no end', 'K\x01', /expected 1 bytes more/],
    ['a huge integer', '\x8a\xff.', /an integer of 255 bytes/],
    ['items without a dictionary', '](K\x01K\x02u.', /expected items of a dictionary/],
  ])('refuses %s', (_, text, message) => {
    expect(() => load(text)).toThrow(message);
    expect(() => load(text)).toThrow(FormatError);
  });
});

describe('decodeTorch', () => {
  it('refuses a checkpoint that pickles more than tensors', () => {
    const legacy = read('torch-legacy.pt');
    const text = new TextDecoder('latin1').decode(legacy);
    const evil = text.replace('collections\nOrderedDict', 'posix......\nsystem.....');
    expect(evil).not.toBe(text);
    expect(() => decodeTorch(pickle(evil), 'evil.bin')).toThrow(/^evil\.bin: .*loads 'posix.*refused/);
  });

  it('says what it expected of something else', () => {
    expect(() => decodeTorch(pickle('hello'), 'x.bin')).toThrow(/x\.bin: expected a PyTorch checkpoint/);
  });
});
