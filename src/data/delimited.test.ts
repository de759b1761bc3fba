import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DelimitedParser, parseDelimited } from './delimited.js';

describe('parseDelimited', () => {
  it('gives back any rows that are quoted as RFC 4180 says', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', 'é', ',', '"', '\n', '\r', ' ', '\t') });
    const rows = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { maxLength: 5 });
    fc.assert(
      fc.property(rows, fc.constantFrom(',' as const, '\t' as const), (table, separator) => {
        const quoted = table.map((row) =>
          row.map((value) => `"${value.replaceAll('"', '""')}"`).join(separator),
        );
        const rows = parseDelimited(`${quoted.join('\r\n')}\n`, separator, 'x');
        expect(rows.map(({ fields }) => fields)).toEqual(table);
      }),
    );
  });

  it('reads bare cells, empty ones, and a last line without an end; it knows the lines', () => {
    expect(parseDelimited('a,b\n"1\n",\n\n,2', ',', 'x')).toMatchObject([
      { fields: ['a', 'b'], line: 1 },
      { fields: ['1\n', ''], line: 2 },
      { fields: ['', '2'], line: 5 },
    ]);
  });

  it('names the line of a quote that stays open', () => {
    expect(() => parseDelimited('a,b\n1,"2\n3', ',', 'x.csv')).toThrow(
      'x.csv:2: a quoted field is never closed',
    );
  });
});

describe('DelimitedParser', () => {
  const place = (line: number) => `line ${line}`;
  const parse = (pieces: readonly string[], mostLength?: number) => {
    const parser = new DelimitedParser(',', place, mostLength);
    return [...pieces.flatMap((piece) => [...parser.push(piece)]), ...parser.finish()];
  };
  const outcome = (pieces: readonly string[]) => {
    try {
      return parse(pieces);
    } catch (error) {
      return String(error);
    }
  };

  it('gives the same rows, lines and errors however the text is cut', () => {
    const text = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r', ' '), maxLength: 30 });
    fc.assert(
      fc.property(text, fc.array(fc.nat({ max: 30 }), { maxLength: 4 }), (whole, cuts) => {
        const places = [0, ...cuts.toSorted((a, b) => a - b), whole.length];
        const pieces = places.slice(1).map((end, index) => whole.slice(places[index], end));
        fc.pre(pieces.join('') === whole);
        expect(outcome(pieces)).toEqual(outcome([whole]));
      }),
      { numRuns: 2000 },
    );
  });

  it('says on which lines rows begin, and how long they are', () => {
    expect(parse(['a,b\r\n"1\r\n2\n",', 'c\n\nd\re'])).toEqual([
      { fields: ['a', 'b'], line: 1, length: 5 },
      { fields: ['1\r\n2\n', 'c'], line: 2, length: 10 },
      { fields: [''], line: 5, length: 1 },
      { fields: ['d'], line: 6, length: 2 },
      { fields: ['e'], line: 7, length: 1 },
    ]);
  });

  it('leaves out spaces around quotes and keeps others, and quotes inside of bare fields', () => {
    expect(parse([' "a" ,  b ,c"d""e\n'])[0]?.fields).toEqual(['a', '  b ', 'c"d""e']);
  });

  it('refuses text behind a quoted field, and rows that are too long', () => {
    expect(() => parse(['a\n"b\n" c,d\n'])).toThrow('line 2: expected a delimiter or a line end');
    expect(() => parse(['a\n', `"${'b\n'.repeat(60)}`], 100)).toThrow(
      'line 2: the record is longer than 100 characters',
    );
  });
});
