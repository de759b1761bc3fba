import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError, DataError } from '../../core/index.js';
import { chunksOf } from './chunks.js';
import { Corpus, type CorpusOptions, readCorpus } from './index.js';
import { openDescriptors } from './testing/index.js';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'lacuna-robust-'));
});
afterEach(() => rm(root, { recursive: true }));

async function write(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(root, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  return path;
}

async function textsOf(name: string, content: string | Uint8Array, options?: CorpusOptions) {
  return (await readCorpus([await write(name, content)], options)).map(({ text }) => text);
}

/** Zstandard blocks that each repeat a letter 128 Ki times, four bytes a block. */
function repetitiveZstd(blocks: number): Uint8Array {
  const frame = Buffer.alloc(6 + 4 * blocks);
  frame.set([0x28, 0xb5, 0x2f, 0xfd, 0, 0x38]);
  for (let block = 0; block < blocks; block++) {
    frame.writeUIntLE((131_072 << 3) | (1 << 1) | Number(block === blocks - 1), 6 + 4 * block, 3);
    frame[6 + 4 * block + 3] = block % 64 === 63 ? 0x0a : 0x61;
  }
  return frame;
}

describe('CSV as it stands', () => {
  it.each([
    [
      'numbers and dates',
      'text,n\n007,1\n1.50,2\n2020-01-01T10:00:00Z,3\n',
      ['007', '1.50', '2020-01-01T10:00:00Z'],
    ],
    ['only numbers', 'text,n\n007,1\n', ['007']],
    [
      'a text after many numbers',
      `text,n\n${'05,1\n'.repeat(21_000)}hello,2\n`,
      [...Array(21_000).fill('05'), 'hello'],
    ],
    ['a byte-order mark and CRLF', '\ufefftext,x\r\na,1\r\n"b\r\nc",2\r\n', ['a', 'b\r\nc']],
    ['semicolons', 'text;n\na, b;1\nc;2\n', ['a, b', 'c']],
    ['one column with other delimiters in it', 'text\n"a, b"\nc d; e\n', ['a, b', 'c d; e']],
    ['a hash at the beginning', 'text,n\n# not a comment,1\n', ['# not a comment']],
    ['words that mean nothing elsewhere', 'text,n\nNULL,1\nNA,2\n,3\n', ['NULL', 'NA']],
    ['white space', 'text,n\n  a  ,1\n', ['  a  ']],
    ['a quoted header', '"a,b",text\nx,y\n', ['y']],
    ['no name above a column', ',text\n0,y\n', ['y']],
    ['names that JavaScript knows', '__proto__,constructor,text\n1,2,y\n', ['y']],
  ])('%s', async (_, content, expected) => {
    expect(await textsOf('a.csv', content)).toEqual(expected);
  });

  it.each([
    ['a field too few', 'text,n\na,1\nb\n', /line 3: expected 2 fields.* got 1/],
    ['a title above the header', 'My table\n\ntext,n\nx,2\n', /line 3: expected 1 fields.* got 2/],
    ['no header', '\n\ntext,n\nx,2\n', /line 1: expected a header/],
    ['an open quote', 'text,n\n"a,1\nb,2\n', /line 2: a quoted field is never closed/],
    ['text behind a quote', 'text,n\na,1\n"b"c,1\n', /line 3: expected a delimiter/],
    ['a bad line after a field of many', 'text,n\n"a\n\nb",1\nbad\n', /line 5: expected 2 fields/],
    ['a column twice', 'text,Text\na,b\n', /has the column 'Text' twice/],
    [
      'no UTF-8',
      Buffer.from([...Buffer.from('text,n\nok,1\n'), 0xff, 0x2c, 0x32]),
      /not valid UTF-8 at byte 12 \(line 3\)/,
    ],
    [
      'a record of 40 MiB',
      `text\nok\n${'x'.repeat(40 << 20)}\n`,
      /line 3: the record is longer than 33554432 characters/,
    ],
  ])('refuses %s, also under a condition', async (_, content, message) => {
    for (const options of [{}, { where: 'true' }]) {
      const read = textsOf('a.csv', content, options);
      await expect(read).rejects.toThrow(DataError);
      await expect(read).rejects.toThrow(message);
      await expect(read).rejects.toThrow(/^[^\n]{0,600}$/);
    }
  });

  it.each([
    [
      'a record of 10 MiB',
      `text\nok\n${'x'.repeat(10 << 20)}\n`,
      /a\.csv' cannot be read as csv: .*Maximum line size of 8388608/,
    ],
    [
      'a record of 20 MiB, more than a buffer holds',
      `text\nok\n${'x'.repeat(20 << 20)}\n`,
      /a\.csv': --where counts its records otherwise from number 2 on; .*no record of CSV of more than 8 MiB/,
    ],
    ['line ends of two kinds', 'text,n\r\na,1\nb,2\r\n', /a\.csv' cannot be read as csv: .*RFC 4180/],
  ])('takes %s, which a condition does not', async (_, content, message) => {
    expect(await textsOf('a.csv', content)).toHaveLength(2);
    const read = textsOf('a.csv', content, { where: 'true' });
    await expect(read).rejects.toThrow(DataError);
    await expect(read).rejects.toThrow(message);
    await expect(read).rejects.toThrow(/^[^\n]{0,600}$/);
  });

  it('knows types where a condition asks for them', async () => {
    const content = `text,n\n${'05,1\n'.repeat(21_000)}hello,10\n`;
    expect(await textsOf('a.csv', content, { where: 'n > 9' })).toEqual(['hello']);
  });
});

describe('JSONL as it stands', () => {
  it.each([
    [
      'dates',
      '{"text":"2020-01-01T10:00:00Z"}\n{"text":"2020-01-02"}\n',
      ['2020-01-01T10:00:00Z', '2020-01-02'],
    ],
    ['only dates', '{"text":"2020-01-01"}\n', ['2020-01-01']],
    [
      'only identifiers',
      '{"text":"550E8400-E29B-41D4-A716-446655440000"}\n',
      ['550E8400-E29B-41D4-A716-446655440000'],
    ],
    ['a byte-order mark, CRLF, an empty line', '\ufeff{"text":"a"}\r\n\r\n{"text":"b"}', ['a', 'b']],
    ['__proto__', '{"__proto__":{"text":"x"},"constructor":"c","text":"a"}\n', ['a']],
    ['records without text', '{"text":"a"}\n{"other":"b"}\n{"text":null}\n{"text":"c"}\n', ['a', 'c']],
    ['a NUL in a string', '{"text":"a\\u0000b"}\n', ['a\0b']],
    ['a record of 10 MiB', `{"text":"${'x'.repeat(10 << 20)}"}\n`, ['x'.repeat(10 << 20)]],
  ])('%s', async (_, content, expected) => {
    expect(await textsOf('a.jsonl', content)).toEqual(expected);
  });

  it.each([
    ['a key twice', '{"text":"a","text":"b"}\n', /line 1: the object has the key 'text' twice/],
    [
      'a key twice, once in escapes',
      '{"text":"a","te\\u0078t":"b"}\n',
      /line 1: the object has the key 'text' twice/,
    ],
    [
      'a bad line after a long one',
      `{"text":"${'x y'.repeat(1 << 20)}"}\n{"text":\n`,
      /a\.jsonl', line 2: expected a JSON object/,
    ],
    [
      'a record of 40 MiB',
      `{"text":"${'x'.repeat(40 << 20)}"}\n`,
      /line 1 is longer than 33554432 characters/,
    ],
    [
      'no UTF-8',
      Buffer.from([...Buffer.from('{"text":"ok"}\n{"text":"'), 0xff, 0x22, 0x7d]),
      /not valid UTF-8 at byte 23 \(line 2\)/,
    ],
  ])('refuses %s, also under a condition', async (_, content, message) => {
    for (const options of [{}, { where: 'true' }]) {
      const read = textsOf('a.jsonl', content, options);
      await expect(read).rejects.toThrow(DataError);
      await expect(read).rejects.toThrow(message);
    }
  });

  it('refuses half of a surrogate pair in the text, under a condition anywhere', async () => {
    const good = '{"text":"ok \\ud83d\\ude00"}\n';
    const read = textsOf('a.jsonl', `${good}{"text":"a\\ud83db"}\n`);
    await expect(read).rejects.toThrow(/line 2: 'text' has half of a surrogate pair/);
    const other = `${good}{"text":"a","other":"\\ud83d"}\n`;
    expect(await textsOf('b.jsonl', other)).toEqual(['ok 😀', 'a']);
    await expect(textsOf('b.jsonl', other, { where: 'true' })).rejects.toThrow(/no low surrogate/);
  });

  it.each(['["a"]', 'null', '"a"', '{"text":"a"} {"text":"b"}', '{"text":\n"a"}'])(
    'is not %s',
    async (line) => {
      const read = textsOf('a.jsonl', `{"text":"b"}\n${line}\n`);
      await expect(read).rejects.toThrow(/a\.jsonl', line 2: expected a JSON object/);
    },
  );

  it('may hold what Python writes for missing numbers, and commas too many', async () => {
    const content = '{"text":"a, NaN,]","n":NaN,"l":[1,-Infinity,],}\n{"n":NaN,"text":NaN}\n{"text":"b"}\n';
    expect(await textsOf('a.jsonl', content)).toEqual(['a, NaN,]', 'b']);
  });

  it('has values that are no strings taken as they stand, nested ones without white space', async () => {
    const values = [
      '1.50',
      '1e5',
      '12345678901234567890123',
      'true',
      '{ "b" : [1, 2.0, "\\u00e9 \\n"], "1": null }',
    ];
    const content = values.map((value) => `{"o":[{"text":"no"}],"text": ${value} }\n`).join('');
    expect(await textsOf('a.jsonl', content, { textColumn: ['text'] })).toEqual([
      ...values.slice(0, 4),
      '{"b":[1,2.0,"é \\n"],"1":null}',
    ]);
  });

  it('tells the only column of text from dates, identifiers and numbers', async () => {
    const record = {
      at: '2020-01-01T10:00:00Z',
      id: '550e8400-e29b-41d4-a716-446655440000',
      n: 1,
      none: null,
    };
    const content = `${JSON.stringify({ ...record, review: 'Well done' })}\n`;
    expect(await textsOf('a.jsonl', content)).toEqual(['Well done']);
    expect(await textsOf('b.csv', 'at,n,flag,review\n2020-01-01,1.5,true,Well done\n')).toEqual([
      'Well done',
    ]);
    expect(await textsOf('c.csv', 'n,review\n1,\n2,3\nx,Well done\n', { textColumn: ['review'] })).toEqual([
      '3',
      'Well done',
    ]);
    await expect(textsOf('d.csv', 'n,review\n1,\n2,3\nx,Well done\n')).rejects.toThrow(
      'there are n (text), review (text)',
    );
  });

  it('takes a condition on what is inside of a column', async () => {
    const content = '{"meta":{"lang":"en"},"text":"a"}\n{"meta":{"lang":"de"},"text":"b"}\n';
    expect(await textsOf('a.jsonl', content, { where: "meta.lang = 'en'" })).toEqual(['a']);
  });

  it('has no text in an empty archive, and asks nothing', async () => {
    await expect(textsOf('a.jsonl.gz', gzipSync(''))).rejects.toThrow(/^no text in .*a\.jsonl\.gz'/);
    await expect(textsOf('b.csv', 'title,body of it\n')).rejects.toThrow(/^no text in .*b\.csv'/);
    await expect(textsOf('c.jsonl', '{"text":{"of":"it"}}\n')).rejects.toThrow(ConfigError);
  });
});

describe('a table that is wrong only where it has been streamed for long', () => {
  const rows = 200_000;
  it.each([
    [
      'a.csv',
      `text,n\n${'hello world,1\n'.repeat(rows)}bad\n`,
      /a\.csv'.*[Ll]ine:? 200002.*(?:got|Found:) 1/,
    ],
    [
      'a.jsonl',
      `${'{"text":"hello world"}\n'.repeat(rows)}{"text":\n`,
      /a\.jsonl', line 200001: expected a JSON/,
    ],
    [
      'b.jsonl',
      `${'{"text":"hello"}\n'.repeat(rows)}{"text":"a","text":"b"}\n`,
      /line 200001: the object has the key 'text' twice/,
    ],
  ])('is refused, also under a condition: %s', async (name, content, message) => {
    for (const options of [{}, { where: 'true' }]) {
      const read = textsOf(name, content, options);
      await expect(read).rejects.toThrow(DataError);
      await expect(read).rejects.toThrow(message);
    }
  });

  it('says which condition failed', async () => {
    const content = `text,n\n${'hello world,1\n'.repeat(rows)}x,0\n`;
    const read = textsOf('a.csv', content, { where: "n > 0 or error('the end') is null" });
    await expect(read).rejects.toThrow('the end');
  });

  it('is read to its end when it is right', async () => {
    const texts = await textsOf('a.csv', `text,n\n${'hello world,1\n'.repeat(rows)}last,2\n`, {
      where: 'n = 2',
    });
    expect(texts).toEqual(['last']);
    expect(await textsOf('b.csv', `text,n\n${'hello world,1\n'.repeat(rows)}last,2\n`)).toHaveLength(
      rows + 1,
    );
  });
});

describe('archives', () => {
  it('cut short are refused, whatever they hold', async () => {
    const records = gzipSync(
      Array.from({ length: 20_000 }, (_, row) => `{"text":"Record ${row}"}\n`).join(''),
    );
    for (const name of ['a.jsonl.gz', 'a.txt.gz', 'a.fasta.gz']) {
      const path = await write(name, records);
      await truncate(path, records.length - 20);
      await expect(readCorpus([path]), name).rejects.toThrow(DataError);
    }
  });

  it('of about a thousand to one and more are read piece by piece', async () => {
    const blocks = 4096;
    for (const [name, archive] of [
      ['zst', repetitiveZstd(blocks)],
      ['gz', Buffer.concat(Array(512).fill(gzipSync(Buffer.alloc(1 << 20, 0x61))))],
    ] as const) {
      const path = await write(`a.txt.${name}`, archive);
      expect((512 << 20) / archive.length).toBeGreaterThan(900);
      let [bytes, most] = [0, 0];
      for await (const chunk of chunksOf(path, name)) {
        bytes += chunk.length;
        most = Math.max(most, process.memoryUsage().arrayBuffers);
      }
      expect(bytes).toBe(512 << 20);
      expect(most).toBeLessThan(256 << 20);
    }
  }, 60_000);

  it('of Zstandard that ask for more than 128 MiB to look back are refused', async () => {
    const frame = Buffer.from(repetitiveZstd(64));
    frame[5] = 0x90;
    const read = textsOf('a.txt.zst', frame);
    await expect(read).rejects.toThrow(/is no whole \.zst file: its window is 268435456 bytes/);
    const sized = Buffer.alloc(40);
    sized.set([0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0xff, 0xff, 0xff, 0x7f]);
    await expect(textsOf('b.txt.zst', sized)).rejects.toThrow(/its window is 2147483647 bytes/);
  });

  it('are closed when nobody reads on', async () => {
    const path = await write('a.txt.gz', gzipSync(Buffer.alloc(64 << 20, 0x61)));
    for (let round = 0; round < 20; round++) {
      for await (const chunk of chunksOf(path, 'gz')) {
        expect(chunk.length).toBe(1 << 20);
        break;
      }
    }
    const open = () => new Promise<number>((resolve) => setImmediate(() => resolve(openDescriptors(path))));
    // Streams close in turns of the event loop.
    for (let turn = 0; turn < 1000 && (await open()) > 0; turn++);
    expect(await open()).toBe(0);
  });
});

describe('files', () => {
  it('are read through links to files, also out of the tree, and not through links to folders', async () => {
    await write('outside/a.txt', 'outside');
    await write('outside/deep/b.txt', 'deep');
    await write('tree/own.txt', 'own');
    await symlink(join(root, 'outside/a.txt'), join(root, 'tree/link.txt'));
    await symlink(join(root, 'outside/deep'), join(root, 'tree/folder'));
    await symlink(join(root, 'tree'), join(root, 'tree/circle'));
    await symlink(join(root, 'nowhere.txt'), join(root, 'tree/broken.txt'));
    const documents = await readCorpus([join(root, 'tree')]);
    expect(documents).toEqual([
      { id: 'link.txt', text: 'outside' },
      { id: 'own.txt', text: 'own' },
    ]);
  });

  it('may be named by a path with ..', async () => {
    await write('a/x.txt', 'x');
    await mkdir(join(root, 'b'));
    expect(await readCorpus([`${root}/b/../a`])).toEqual([{ id: 'x.txt', text: 'x' }]);
    expect(await readCorpus([`${root}/b/../a/*.txt`])).toEqual([{ id: 'x.txt', text: 'x' }]);
  });

  it('that are gone when their turn comes are named', async () => {
    await write('a.txt', 'a');
    const path = await write('b.txt', 'b');
    const corpus = await Corpus.open([root]);
    await rm(path);
    await expect(corpus.documents().next()).rejects.toThrow(/cannot read '.*b\.txt': ENOENT/);
    const table = await write('c.jsonl', '{"text":"c"}\n');
    const records = await Corpus.open([table]);
    await rm(table);
    await expect(records.documents().next()).rejects.toThrow(/c\.jsonl'/);
  });

  it('give the same documents compressed and not, whole and in parts of any size', async () => {
    const lines = fc.array(
      fc.string({ unit: 'grapheme' }).filter((line) => !line.includes('\0')),
      { minLength: 1, maxLength: 40 },
    );
    await fc.assert(
      fc.asyncProperty(lines, fc.constantFrom('\n', '\r\n'), async (lines, end) => {
        const text = `Begin${end}${lines.join(end)}`;
        expect(await textsOf('a.txt', text)).toEqual([text]);
        expect(await textsOf('b.txt.gz', gzipSync(text))).toEqual([text]);
        const half = Math.floor(Buffer.byteLength(text) / 2);
        const members = [
          gzipSync(Buffer.from(text).subarray(0, half)),
          gzipSync(Buffer.from(text).subarray(half)),
        ];
        expect(await textsOf('c.txt.gz', Buffer.concat(members))).toEqual([text]);
      }),
      { numRuns: 30 },
    );
  });

  it('of a source tree: minified and binary ones are left out and counted', async () => {
    const code = 'const one = 1;\n'.repeat(50);
    await write('src/a.ts', code);
    await write('src/min.ts', `const one=1;${'one+one;'.repeat(400)}\n`);
    await write('src/table.ts', `${'9,'.repeat(600)}\n\n${'9,'.repeat(600)}\n`);
    await write('src/data.ts', Uint8Array.of(0x47, 0, 1, 2));
    await write('src/latin.ts', Uint8Array.of(0x47, 0xe9, 0x0a));
    const options = { extensions: ['.ts'], maxCharactersPerLine: 700, skipBinary: true };
    const corpus = await Corpus.open([join(root, 'src')], options);
    for (let round = 0; round < 2; round++) {
      const ids: string[] = [];
      for await (const group of corpus.documents()) ids.push(...group.map(({ id }) => id));
      expect(ids).toEqual(['a.ts']);
      expect(corpus.leftOut).toEqual({ '--max-characters-per-line': 2, '--skip-binary': 2 });
    }
    const texts: string[] = [];
    for await (const { text } of corpus.texts()) texts.push(text);
    expect(texts).toEqual([code]);
    await expect(readCorpus([join(root, 'src')], { extensions: ['.ts'] })).rejects.toThrow(
      /data\.ts' is not text: byte 1 is NUL/,
    );
  });
});
