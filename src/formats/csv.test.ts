import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvLine, parseCsv } from './csv.js';

describe('CSV', () => {
  it('reads what it writes, whatever the fields hold', () => {
    const field = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' ', 'é'), maxLength: 6 });
    fc.assert(
      fc.property(fc.array(fc.tuple(field, field), { minLength: 1, maxLength: 8 }), (rows) => {
        const content = csvLine(['x', 'y']) + rows.map((row) => csvLine(row)).join('');
        const read = parseCsv(content, 'a.csv').map(({ value }) => [value.x, value.y]);
        expect(read).toEqual(rows);
      }),
    );
  });

  it('takes a byte-order mark, \\r\\n, a last line without an end, and says where a record stands', () => {
    const records = parseCsv('\uFEFFtext,n\r\n"two\r\nlines",1\r\nlast,2', 'a.csv');
    expect(records.map(({ value, where }) => [value.text, where])).toEqual([
      ['two\r\nlines', 'a.csv line 2'],
      ['last', 'a.csv line 4'],
    ]);
    expect(parseCsv('', 'a.csv')).toEqual([]);
  });

  it('refuses a quote that never ends and a record of another width, with the line', () => {
    expect(() => parseCsv('a,b\n1,"2\n', 'a.csv')).toThrow(
      'a.csv line 2: a double quote is out of place or never ends',
    );
    expect(() => parseCsv('a,b\n1,2,3\n', 'a.csv')).toThrow(
      'a.csv line 2: expected 2 fields as in the header, got 3',
    );
  });
});
