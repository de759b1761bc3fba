import { describe, expect, it } from 'vitest';
import { FormatError } from '../core/index.js';
import { parseJson } from './json.js';

const parse = (text: string) => parseJson(new TextEncoder().encode(text), 'x.json');

describe('parseJson', () => {
  it.each(['{"a":{"b":1},"b":[{"a":1},{"a":2}]}', '["a","a"]', '{"a":"{\\"a\\":1,\\"a\\":2}"}', '"a\\\\"'])(
    'reads %s',
    (text) => {
      expect(parse(text)).toEqual(JSON.parse(text));
    },
  );

  it.each([
    ['{"a":1,"a":2}', /"a" occurs twice/],
    ['{"x":[{"a":1,"\\u0061":2}]}', /"a" occurs twice/],
    ['{"a":[1,{}],"b":{"c":","},"a":0}', /"a" occurs twice/],
    ['{"a":', /expected JSON/],
    ['\ufeff{}', /expected JSON/],
    ['', /expected JSON/],
  ])('refuses %s', (text, message) => {
    expect(() => parse(text)).toThrow(FormatError);
    expect(() => parse(text)).toThrow(message);
    expect(() => parse(text)).toThrow(/^x\.json: /);
  });

  it('refuses invalid UTF-8 and survives deep nesting', () => {
    expect(() => parseJson(Uint8Array.of(0x22, 0xff, 0x22), 'x.json')).toThrow(/not UTF-8/);
    const deep = 100_000;
    expect(() => parse('['.repeat(deep))).toThrow(FormatError);
  });

  it('keeps __proto__ an ordinary key', () => {
    const value = parse('{"__proto__":{"polluted":true}}');
    expect(Object.keys(value as object)).toEqual(['__proto__']);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});
