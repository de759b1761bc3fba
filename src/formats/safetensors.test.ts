import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormatError, RandomPurpose, RandomStream } from '../core/index.js';
import {
  decodeSafetensors,
  encodeSafetensors,
  type TensorInput,
  type TensorView,
  toFloat32,
} from './safetensors.js';
import { widenBfloat16, widenFloat16 } from './safetensors-dtype.js';

const golden = (name: string) => new Uint8Array(readFileSync(new URL(`./goldens/${name}`, import.meta.url)));

/** A file with this header text and these many data bytes. */
function file(header: string, dataBytes = 0): Uint8Array {
  const json = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + json.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}

const entry = (begin: number, end: number, shape = [(end - begin) / 4], dtype = 'F32') => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

describe('the goldens of Python safetensors', () => {
  it('decodes every dtype', () => {
    const { tensors, metadata } = decodeSafetensors(golden('mixed.safetensors'), 'mixed');
    expect([...metadata]).toEqual([['format', 'pt']]);
    const read = Object.fromEntries(
      [...tensors].map(([name, { dtype, shape, data }]) => [name, [dtype, shape, [...data]]]),
    );
    expect(read).toEqual({
      bool: ['BOOL', [3], [1, 0, 1]],
      empty: ['F32', [0, 4], []],
      f16: ['F16', [2], [0x3e00, 0xc080]],
      f32: ['F32', [2, 3], [0, 1, 2, 3, 4, 5].map((index) => Math.fround(Math.fround(index) / 3))],
      f64: ['F64', [1, 1], [Math.PI]],
      i8: ['I8', [2], [-128, 127]],
      i16: ['I16', [2], [-32768, 32767]],
      i32: ['I32', [2], [-(2 ** 31), 2 ** 31 - 1]],
      i64: ['I64', [2], [-(2n ** 63n), 2n ** 63n - 1n]],
      scalar: ['F32', [], [7.5]],
      u8: ['U8', [2], [0, 255]],
      u16: ['U16', [1], [65535]],
      u32: ['U32', [1], [2 ** 32 - 1]],
      u64: ['U64', [1], [2n ** 64n - 1n]],
    });
    expect([...toFloat32(tensors.get('f16') as TensorView, 'f16')]).toEqual([1.5, -2.25]);
    expect(() => toFloat32(tensors.get('i32') as TensorView, 'x')).toThrow(/x: expected a tensor of F32/);
  });

  it('encodes float32 tensors to the same bytes', () => {
    const bytes = golden('float32.safetensors');
    const { tensors } = decodeSafetensors(bytes, 'float32');
    expect(encodeSafetensors(tensors)).toEqual(bytes);
  });

  it('widens 16-bit floats as numpy and ml_dtypes do', () => {
    const widen = JSON.parse(new TextDecoder().decode(golden('widen.json')));
    const bits = Uint16Array.from(widen.bits);
    expect([...new Uint32Array(widenFloat16(bits).buffer)]).toEqual(widen.float16);
    expect([...new Uint32Array(widenBfloat16(bits).buffer)]).toEqual(widen.bfloat16);
  });
});

describe('round trip', () => {
  const shape = fc.array(fc.nat(4), { maxLength: 4 });
  const tensor = fc
    .tuple(shape, fc.constantFrom(Float32Array, Int32Array, Float64Array, Uint8Array))
    .chain(([dimensions, Values]): fc.Arbitrary<TensorInput> => {
      const length = dimensions.reduce((product, dimension) => product * dimension, 1);
      return fc
        .array(fc.integer({ min: 0, max: 255 }), { minLength: length, maxLength: length })
        .map((values) => ({ shape: dimensions, data: Values.from(values) }));
    });
  const name = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('__proto__', 'constructor', '0', '\u{1f600}'),
  );

  it('gives back what was written, aligned', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.string()),
        fc.array(fc.tuple(name, tensor)),
        (notes, list) => {
          const tensors = new Map(list.filter(([key]) => key !== '__metadata__'));
          const bytes = encodeSafetensors(tensors, notes);
          const read = decodeSafetensors(bytes, 'memory');
          expect(new Map(read.metadata)).toEqual(new Map(Object.entries(notes)));
          expect(read.tensors.size).toBe(tensors.size);
          for (const [key, { shape: expected, data }] of tensors) {
            const found = read.tensors.get(key) as TensorView;
            expect(found.shape).toEqual(expected);
            expect(found.data).toEqual(data);
            if (data.length > 0) expect(found.data.buffer).toBe(bytes.buffer);
          }
        },
      ),
      { numRuns: 200, seed: 1 },
    );
  });

  it('reads from bytes that are not aligned', () => {
    const bytes = encodeSafetensors(new Map([['x', { shape: [2], data: Float32Array.of(1, 2) }]]));
    const shifted = new Uint8Array(bytes.length + 1);
    shifted.set(bytes, 1);
    const { tensors } = decodeSafetensors(shifted.subarray(1), 'shifted');
    expect(tensors.get('x')?.data).toEqual(Float32Array.of(1, 2));
  });

  it('refuses a shape that does not fit its data and the reserved name', () => {
    const data = Float32Array.of(1, 2);
    expect(() => encodeSafetensors(new Map([['x', { shape: [3], data }]]))).toThrow(/'x': shape \[3\]/);
    expect(() => encodeSafetensors(new Map([['__metadata__', { shape: [2], data }]]))).toThrow(FormatError);
  });
});

describe('a damaged file', () => {
  const tooLong = new Uint8Array(8).fill(0xff);
  const beyond = file('{}');
  beyond[0] = 3;
  const withEntry = (value: unknown, dataBytes = 0) => file(JSON.stringify({ x: value }), dataBytes);
  const two = (a: unknown, b: unknown, dataBytes: number) => file(JSON.stringify({ a, b }), dataBytes);

  it.each<[string, Uint8Array, RegExp]>([
    ['too short', new Uint8Array(7), /expected at least 8 bytes, got 7/],
    ['an absurd header length', tooLong, /more than 100000000/],
    ['a header beyond the end', beyond, /ends at byte 11 but the file has 10/],
    ['no JSON', file('{"x"'), /header: expected JSON/],
    ['no object', file('[]'), /JSON object/],
    ['a duplicate name', file('{"x":1,"x":2}'), /"x" occurs twice/],
    ['metadata that is no object', file('{"__metadata__":3}'), /__metadata__ to be an object/],
    ['metadata that is no string', file('{"__metadata__":{"a":3}}'), /"a": expected a string/],
    ['an entry that is no object', withEntry(null), /expected \{dtype/],
    ['an unknown key', withEntry({ ...entry(0, 0), stride: 1 }), /the key 'stride'/],
    ['an unknown dtype', withEntry(entry(0, 0, [0], 'F8')), /expected dtype .*F32.*got "F8"/],
    ['an inherited name as dtype', withEntry(entry(0, 0, [0], 'toString')), /expected dtype/],
    ['a negative dimension', withEntry(entry(0, 4, [-1])), /non-negative integers/],
    ['a fractional dimension', withEntry(entry(0, 4, [0.5])), /non-negative integers/],
    ['three offsets', withEntry({ dtype: 'F32', shape: [], data_offsets: [0, 4, 8] }), /data_offsets/],
    ['a span that runs backwards', withEntry(entry(4, 0, [1])), /begin <= end/],
    ['a shape that overflows', withEntry(entry(0, 4, [2 ** 30, 2 ** 30])), /too large/],
    ['a span of another size', withEntry(entry(0, 4, [2]), 4), /F32\[2\] needs 8 bytes, its span has 4/],
    ['an overlap', two(entry(0, 8), entry(4, 8), 8), /"b" begins at byte 4 and overlaps/],
    ['a hole', two(entry(0, 4), entry(8, 12), 12), /"b" begins at byte 8 and leaves a hole/],
    ['missing data', withEntry(entry(0, 8), 4), /is cut short: its tensors need 8 bytes of data, got 4/],
    ['left-over data', withEntry(entry(0, 4), 8), /belong to no tensor/],
  ])('with %s is a FormatError', (_, bytes, message) => {
    expect(() => decodeSafetensors(bytes, 'f.safetensors')).toThrow(FormatError);
    expect(() => decodeSafetensors(bytes, 'f.safetensors')).toThrow(message);
    expect(() => decodeSafetensors(bytes, 'f.safetensors')).toThrow(/^f\.safetensors/);
  });

  it('decodes or throws a FormatError, whatever the bytes', () => {
    const originals = [golden('mixed.safetensors'), golden('float32.safetensors')];
    const outcomes = { decoded: 0, refused: 0 };
    for (let round = 0; round < 2000; round++) {
      const bytes = mutate(originals[round % 2] as Uint8Array, round);
      try {
        decodeSafetensors(bytes, 'fuzz');
        outcomes.decoded++;
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError);
        outcomes.refused++;
      }
    }
    expect(outcomes.decoded).toBeGreaterThan(50);
    expect(outcomes.refused).toBeGreaterThan(500);
  });
});

/** One to three changes: a byte replaced (mostly in the header), a stretch removed or doubled. */
function mutate(original: Uint8Array, round: number): Uint8Array {
  const random = new RandomStream(0, RandomPurpose.sampling, round);
  let bytes = [...original];
  const changes = 1 + random.nextInt(3);
  for (let change = 0; change < changes; change++) {
    const position = random.nextInt(bytes.length);
    const kind = random.nextInt(8);
    if (kind === 0) bytes.splice(position, random.nextInt(16));
    else if (kind === 1) bytes = [...bytes.slice(0, position), ...bytes.slice(Math.max(0, position - 8))];
    else if (kind < 5) bytes[position] = random.nextInt(256);
    else bytes[position] = (bytes[position] as number) ^ (1 << random.nextInt(8));
  }
  return Uint8Array.from(bytes);
}
