import { mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError, DataError, FileError } from '../../core/index.js';
import { Corpus, type CorpusOptions, readCorpus } from './index.js';

let all: string;
let root: string;
beforeAll(async () => {
  all = await mkdtemp(join(tmpdir(), 'lacuna-formats-'));
});
beforeEach(async () => {
  root = await mkdtemp(join(all, 'case-'));
});
afterAll(() => rm(all, { recursive: true }));

async function write(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(root, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  return path;
}

const textsOf = async (path: string, options?: CorpusOptions) =>
  (await readCorpus([path], options)).map(({ text }) => text);

/** Writes a table by DuckDB in the format that the file's name says. */
async function writeTable(
  name: string,
  rows: readonly (readonly [string, string, number])[],
): Promise<string> {
  const path = join(root, name);
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run('create table rows (text varchar, lang varchar, stars integer)');
  for (const [text, lang, stars] of rows) {
    const quoted = text.replaceAll("'", "''");
    await connection.run(`insert into rows values ('${quoted}', '${lang}', ${stars})`);
  }
  await connection.run(`copy rows to '${path}'${name.includes('.tsv') ? " (format csv, delim '\t')" : ''}`);
  connection.closeSync();
  instance.closeSync();
  return path;
}

const ROWS: [string, string, number][] = [
  ['A first text, with a comma.', 'en', 3],
  ['Ein "zweiter"\nmit zwei Zeilen', 'de', 5],
  ['Un troisième', 'fr', 1],
  ['A fourth\ttext', 'en', 5],
];
const NAMES = ['a.jsonl', 'a.ndjson', 'a.csv', 'a.tsv', 'a.parquet', 'a.jsonl.gz', 'a.csv.gz', 'a.jsonl.zst'];

describe('formats', () => {
  it.each(NAMES)('%s gives its records in order, with a name each', async (name) => {
    const path = await writeTable(name, ROWS);
    expect(await readCorpus([path])).toEqual(ROWS.map(([text], row) => ({ id: `${name}:${row + 1}`, text })));
  });

  it('reads any text from JSONL, CSV and Parquet alike', async () => {
    const texts = fc.array(
      fc
        .string({ unit: 'grapheme', minLength: 1 })
        .filter((text) => text.trim() !== '' && !text.includes('\0')),
      { minLength: 1, maxLength: 20 },
    );
    await fc.assert(
      fc.asyncProperty(texts, async (texts) => {
        root = await mkdtemp(join(all, 'case-'));
        const rows = texts.map((text, row): [string, string, number] => [`${text}.`, 'en', row]);
        for (const name of ['a.parquet', 'a.jsonl']) {
          expect(await textsOf(await writeTable(name, rows)), name).toEqual(rows.map(([text]) => text));
        }
        // A carriage return alone in a field is a line end to some CSV readers.
        const plain = rows.map(([text, ...rest]) => [text.replaceAll('\r', ' '), ...rest] as const);
        expect(await textsOf(await writeTable('a.csv', plain))).toEqual(plain.map(([text]) => text));
      }),
      { numRuns: 12 },
    );
  });

  it('reads a JSON array, and takes records of a directory without text files', async () => {
    await write('in/a.json', JSON.stringify([{ body: 'one' }, { body: 'two' }]));
    expect(await textsOf(join(root, 'in/a.json'))).toEqual(['one', 'two']);
    await write('in/b.jsonl', '{"text": "three"}\n');
    expect(await textsOf(join(root, 'in'))).toEqual(['three']);
    await write('in/c.txt', 'four');
    expect(await textsOf(join(root, 'in'))).toEqual(['four']);
  });

  it('takes the columns it is told, joined, and rows by a condition, numbered as in the file', async () => {
    const path = await writeTable('a.csv', ROWS);
    expect(await textsOf(path, { textColumn: ['lang', 'stars'] })).toEqual([
      'en\n3',
      'de\n5',
      'fr\n1',
      'en\n5',
    ]);
    const options = { where: "lang = 'en' and stars > 3 and length(text) < 100 -- of English" };
    expect(await readCorpus([path], options)).toEqual([{ id: 'a.csv:4', text: 'A fourth\ttext' }]);
  });

  it.each([
    ['n', 'n > 9', ['a', 'b']],
    ['x', 'x < 1', ['b', 'c']],
    ['yes', 'yes', ['a', 'c']],
    ['day', "day >= date '2024-02-01'", ['b', 'c']],
    ['moment', "moment < timestamp '2024-01-01 12:00:00'", ['a']],
    ['hour', "hour > time '10:00'", ['c']],
    // One value that is no number makes a column text, however late it comes.
    ['code', "code = '007'", ['a']],
    ['none', 'none is null', ['a', 'b', 'c']],
  ])('compares a column of CSV as what all of its values are: %s', async (_, where, expected) => {
    const path = await write(
      'typed.csv',
      [
        'text,n,x,yes,day,moment,hour,code,none',
        'a,10,1.5,true,2024-01-05,2024-01-01 08:00:00,09:30:00,007,',
        'b,100,-2e3,FALSE,2024-02-01,2024-01-01 18:00:00,09:31:00,12,',
        'c,9,.5,True,2024-11-30,2025-01-01 08:00:00,23:00:00,x1,',
      ].join('\n'),
    );
    expect(await textsOf(path, { where })).toEqual(expected);
  });

  it.each([
    [{ textColumn: ['texts'] }, ConfigError, "has no column 'texts'; did you mean 'text'?"],
    [{ textColumn: ['zzzzzzzz'] }, ConfigError, 'its columns are text, lang, stars'],
    [{ where: "langs = 'en'" }, ConfigError, '--where langs = '],
    [{ where: 'lang =' }, ConfigError, 'Parser Error: syntax error'],
    [
      { where: "lang = (select content from read_text('/etc/passwd'))" },
      DataError,
      'disabled by configuration',
    ],
  ] satisfies [CorpusOptions, typeof ConfigError | typeof DataError, string][])(
    'refuses %j',
    async (options, kind, message) => {
      const read = readCorpus([await writeTable('a.csv', ROWS)], options);
      await expect(read).rejects.toThrow(kind);
      await expect(read).rejects.toThrow(message);
    },
  );

  it('asks for the text column where none is plain', async () => {
    const path = await write('a.csv', 'title,summary\nx,y\n');
    await expect(readCorpus([path])).rejects.toThrow(
      'say which column is the text by --text-column; there are title (text), summary (text)',
    );
    const text = await write('a.txt', 'x');
    await expect(readCorpus([text], { where: '1 = 1' })).rejects.toThrow('--where is for tables');
    await expect(readCorpus([text], { textColumn: ['x'] })).rejects.toThrow('--text-column is for tables');
  });

  it.each([
    [
      'bad.jsonl',
      '{"text": "a"}\n{"text": "b"\n{"text": "c"}\n',
      /bad\.jsonl', line 2: expected a JSON object/,
    ],
    ['bad.csv', Buffer.from([0x74, 0x65, 0x78, 0x74, 0x0a, 0x66, 0xff, 0xfe, 0x0a]), /utf-8/i],
    ['bad.parquet', 'PAR1 and then nothing', /bad\.parquet' cannot be read as parquet/],
    ['bad.csv.gz', 'not gzip', /bad\.csv\.gz' is no whole \.gz file/],
    ['bad.txt.gz', 'not gzip', /bad\.txt\.gz' is no whole \.gz file/],
    ['bad.txt.zst', 'not zst', /bad\.txt\.zst' is no whole \.zst file/],
    ['bad.fasta', 'MKV\n>a\n', /bad\.fasta', line 1: expected a line '>name'/],
    ['empty.fasta', '', /no text in .*empty\.fasta/],
    ['empty.jsonl', '', /empty\.jsonl/],
  ])('says what is wrong with %s', async (name, content, message) => {
    const path = await write(name, content);
    await expect(readCorpus([path])).rejects.toThrow(DataError);
    await expect(readCorpus([path])).rejects.toThrow(message);
  });

  it('reads compressed text as the text itself, and says when it is cut short', async () => {
    const text = Array.from(
      { length: 60_000 },
      (_, line) => `Line ${line}, ${'é'.repeat(line % 50)}.\n`,
    ).join('');
    await write('a.txt', text);
    const path = await write('b.txt.gz', gzipSync(text));
    expect(await textsOf(path)).toEqual(await textsOf(join(root, 'a.txt')));
    await truncate(path, 2000);
    await expect(readCorpus([path])).rejects.toThrow('is no whole .gz file');
    const zst = join(root, 'c.jsonl.zst');
    await writeTable('c.jsonl.zst', ROWS);
    expect(await textsOf(zst, { format: 'text' })).toEqual([
      `${ROWS.map(([text, lang, stars]) => JSON.stringify({ text, lang, stars })).join('\n')}\n`,
    ]);
    await truncate(zst, (await readFile(zst)).length - 3);
    await expect(readCorpus([zst], { format: 'text' })).rejects.toThrow('is no whole .zst file');
  });

  it('reads FASTA: sequences over lines, without stops', async () => {
    const path = await write('a.faa', '; old comment\n>one first\r\nMKV\r\nLL*\r\n>empty\n>two\nAC GT\n');
    expect(await readCorpus([path])).toEqual([
      { id: 'a.faa:1', text: 'MKVLL' },
      { id: 'a.faa:3', text: 'ACGT' },
    ]);
  });

  it('cuts a text of more than 4 MiB at line ends into documents, and smaller ones not', async () => {
    const line = `${'word '.repeat(20)}\n`;
    const text = line.repeat(Math.ceil((5 << 20) / line.length));
    const path = await write('big.txt', text);
    const documents = await readCorpus([path]);
    expect(documents.map(({ id }) => id)).toEqual(documents.map((_, number) => `big.txt#${number}`));
    expect(documents.length).toBeGreaterThan(3);
    expect(documents.map(({ text }) => text).join('')).toBe(text);
    for (const document of documents) expect(document.text.endsWith('\n')).toBe(true);
    await truncate(path, 4 << 20);
    expect((await readCorpus([path])).map(({ id }) => id)).toEqual(['big.txt']);
  });

  it('leaves out what .gitignore files of a tree say, the innermost last', async () => {
    await write('.gitignore', 'out/\n*.gen.ts\n/top.ts\n');
    await write('top.ts', 'x');
    await write('out/a.ts', 'x');
    await write('src/top.ts', 'kept');
    await write('src/a.gen.ts', 'x');
    await write('src/keep/.gitignore', '!*.gen.ts\nsecret.ts\n');
    await write('src/keep/b.gen.ts', 'kept');
    await write('src/keep/secret.ts', 'x');
    const documents = await readCorpus([root], { extensions: ['.ts'] });
    expect(documents.map(({ id }) => id)).toEqual(['src/keep/b.gen.ts', 'src/top.ts']);
  });

  it('knows a corpus by its options, names, sizes and times', async () => {
    const path = await write('a.txt', 'text');
    const signature = async (options?: CorpusOptions) => (await Corpus.open([path], options)).signature;
    const first = await signature();
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    expect(await signature()).toBe(first);
    expect(await signature({ minWords: 1 })).not.toBe(first);
    await write('a.txt', 'text!');
    expect(await signature()).not.toBe(first);
  });

  it('says when a file changes while it is read', async () => {
    const path = await write('a.txt', 'text');
    const corpus = await Corpus.open([path]);
    await writeFile(path, 'text, and more');
    const read = corpus.documents().next();
    await expect(read).rejects.toThrow(DataError);
    await expect(read).rejects.toThrow("a.txt' changed while it was read");
  });
});

describe('filters', () => {
  const TEXTS = [
    'The first of all.',
    'Ἐν ἀρχῇ ἦν ὁ λόγος',
    '@@ ## $$ x',
    'Donaudampfschifffahrtsgesellschaft',
    'a b c',
  ];

  async function kept(options: CorpusOptions): Promise<string[]> {
    const path = await write('a.jsonl', TEXTS.map((text) => JSON.stringify({ text })).join('\n'));
    return textsOf(path, options);
  }

  it.each([
    [{ match: '^[A-Z]' }, [0, 3]],
    [{ notMatch: '\\$' }, [0, 1, 3, 4]],
    [{ scripts: ['Greek'] }, [1]],
    [{ scripts: ['Latin'] }, [0, 2, 3, 4]],
    [{ minWords: 3 }, [0, 1, 4]],
    [{ maxWords: 1 }, [2, 3]],
    [{ maxSymbolShare: 0.3 }, [0, 1, 3, 4]],
    [{ maxCharactersPerWord: 20 }, [0, 1, 2, 4]],
    [{ minCharactersPerWord: 3 }, [0, 1, 2, 3]],
    [{ scripts: ['Latin'], minWords: 3, notMatch: '^a' }, [0]],
  ] satisfies [CorpusOptions, number[]][])('%j', async (options, expected) => {
    expect(await kept(options)).toEqual(expected.map((index) => TEXTS[index]));
  });

  it('counts what each leaves out', async () => {
    const path = await write('a.jsonl', TEXTS.map((text) => JSON.stringify({ text })).join('\n'));
    const corpus = await Corpus.open([path], { scripts: ['Latin'], minWords: 3 });
    for (let round = 0; round < 2; round++) {
      for await (const group of corpus.documents()) expect(group.length).toBe(2);
      expect(corpus.leftOut).toEqual({ '--scripts': 1, '--min-words': 2 });
    }
    await expect(kept({ minWords: 99 })).rejects.toThrow('--min-words left out 5');
  });

  it.each([
    [{ match: '(' }, '--match: '],
    [{ scripts: ['Elvish'] }, '--scripts Elvish: expected Unicode scripts'],
    [{ scripts: [']'] }, "--scripts: ']' is no Unicode script"],
  ] satisfies [CorpusOptions, string][])('refuses %j', async (options, message) => {
    await expect(kept(options)).rejects.toThrow(ConfigError);
    await expect(kept(options)).rejects.toThrow(message);
  });

  it('stops a regular expression that would never end', async () => {
    const path = await write('a.txt', `${'a'.repeat(60)}!`);
    await expect(readCorpus([path], { match: '^(a+)+$' })).rejects.toThrow('backtracks too much');
  }, 60_000);

  it('says which file is missing', async () => {
    await expect(readCorpus([join(root, 'gone.jsonl')])).rejects.toThrow(FileError);
  });
});
