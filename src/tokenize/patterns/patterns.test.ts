import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../core/index.js';
import { property, SPACE, WORD } from './character-sets.js';
import { TextPattern } from './text-pattern.js';

const GPT2 = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
const texts = (pattern: string, text: string) =>
  TextPattern.ofRegex(pattern)
    .matches(text)
    .map(([start, end]) => text.slice(start, end));

describe('character sets', () => {
  // Counted with Python tokenizers 0.23.3: what is left when all others are replaced by nothing.
  it.each<[string, string, number]>([
    ['\\p{L}', property('L'), 141_028],
    ['\\p{Lu}', property('Lu'), 1858],
    ['\\p{M}', property('M'), 2501],
    ['\\p{N}', property('N'), 1911],
    ['\\d', property('Nd'), 760],
    ['\\p{P}', property('P'), 855],
    ['\\w', WORD(), 144_665],
    ['\\s', SPACE(), 25],
  ])('%s has as many members as in Oniguruma', (_, set, size) => {
    const expression = new RegExp(`[${set}]`, 'v');
    let members = 0;
    for (let point = 0; point < 0x110000; point++) {
      const isSurrogate = point >= 0xd800 && point < 0xe000;
      if (!isSurrogate && expression.test(String.fromCodePoint(point))) members++;
    }
    expect(members).toBe(size);
  });
});

describe('TextPattern', () => {
  it.each<[string, string, string[]]>([
    [GPT2, "It's  3 o'clock", ['It', "'s", ' ', ' 3', ' o', "'", 'clock']],
    ['^a', 'a\nab\n', ['a', 'a']],
    ['\\w++\\.', 'ab.cd', ['ab.']],
    ['a++a', 'aaa', []],
    ['(?>a|ab)c', 'abc', []],
    ['(?i:straße|k)', 'STRAßE K \u212a', ['STRAßE', 'K', '\u212a']],
    ['a(?i)b|c', 'aB aC AB', ['aB', 'aC']],
    ['[a-z&&[^aeiou]]+', 'strength', ['str', 'ngth']],
    ['\\h{2}', 'fa g1 0x', ['fa']],
    ['.+', 'a\nb', ['a', 'b']],
    ['(?m).+', 'a\nb', ['a\nb']],
    ['\\p{^L}', 'a1b', ['1']],
    ['x{,2}y', 'xxxy', ['xxy']],
  ])('%s finds in %j what Oniguruma finds', (pattern, text, expected) => {
    expect(texts(pattern, text)).toEqual(expected);
  });

  it('skips an empty match right after another match', () => {
    expect(TextPattern.ofRegex('b*').matches('abba')).toEqual([
      [0, 0],
      [1, 3],
      [4, 4],
    ]);
  });

  it('takes text literally, and no text for nothing', () => {
    expect(TextPattern.ofText('a.b|').matches('axb| a.b|')).toEqual([[5, 9]]);
    expect(TextPattern.ofText('').matches('ab')).toEqual([]);
  });

  it.each([
    '(?:[a-z]+-)+x',
    '(?=(\\d{3})+(?!\\d))',
    '\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+',
    '(?:ab|cd)*e',
    '[A-Z]*[a-z]+(?:[0-9]{1,3})?',
  ])('accepts %s, which is bounded', (pattern) => {
    expect(() => TextPattern.ofRegex(pattern)).not.toThrow();
  });

  it.each([
    '(a',
    'a)',
    '[a',
    '*a',
    'a**',
    'a{2}{3}',
    '\\p{Nonsense}',
    '\\X',
    '\\G',
    '(?#x)',
    '\\k<a>',
    'a{1,2}+',
  ])('refuses %s and says so', (pattern) => {
    expect(() => TextPattern.ofRegex(pattern)).toThrow(ConfigError);
    expect(() => TextPattern.ofRegex(pattern)).toThrow(/is not supported/);
  });
});
