import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Tokenizer as NpmTokenizer } from '@huggingface/tokenizers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Finished, lacuna, MAIN, start } from './command.js';

let root: string;
let corpus: string;

const SENTENCES = [
  'The state of the Union is strong, and the people of the nation know it by heart.',
  "We don't fear getHTTPServer(snake_case42): naïve users, 中文 and emoji 😀 are welcome.",
  'In 1865 the Congress asked the President; in 1965 the President asked the Congress.',
];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'lacuna-tokenizer-'));
  corpus = join(root, 'corpus');
  await mkdir(corpus);
  for (let file = 0; file < 3; file++) {
    await writeFile(join(corpus, `${file}.txt`), `${SENTENCES.join('\n')}\n`.repeat(20));
  }
});
afterAll(() => rm(root, { recursive: true, force: true }));

const tokenizer = (...args: string[]) => lacuna('tokenizer', ...args);
const train = (model: string, out: string, ...args: string[]) =>
  tokenizer('train', corpus, '--model', model, '--vocab-size', '400', '--out', out, '--json', ...args);

/** Asserts a failure of one line, without a stack, and gives the line. */
function errorLine({ status, stderr, stdout }: Finished, expectedStatus: number): string {
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(stderr).toMatch(/^lacuna: /);
  expect(stdout).toBe('');
  expect(status).toBe(expectedStatus);
  return stderr.trimEnd();
}

describe('lacuna tokenizer', () => {
  it.each(['wordpiece', 'bpe', 'byte-bpe', 'unigram', 'character'])(
    'trains %s, and npm @huggingface/tokenizers reads it the same',
    async (model) => {
      const out = join(root, model);
      const size = model === 'unigram' ? ['--vocab-size', '120'] : [];
      const { status, stdout, stderr } = await train(model, out, ...size);
      expect(stderr).toBe('');
      expect(status).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ model, file: join(out, 'tokenizer.json') });
      expect((await readdir(out)).sort()).toEqual(['tokenizer.json', 'tokenizer_config.json']);
      const json = JSON.parse(await readFile(join(out, 'tokenizer.json'), 'utf8'));
      const text = 'The people of the Union, in 1865.';
      const encoded = await tokenizer('encode', text, '--tokenizer', out, '--ids');
      expect(encoded.stdout.trim().split(' ').map(Number)).toEqual(
        new NpmTokenizer(json, {}).encode(text).ids,
      );
    },
  );

  it('trains the same twice, and with components by name', async () => {
    const args = ['--normalizer', 'nfkc', 'lowercase', '--pre-tokenizer', 'identifiers', 'byte-level-only'];
    const files = [join(root, 'a.json'), join(root, 'b.json')];
    for (const file of files) expect((await train('byte-bpe', file, ...args)).status).toBe(0);
    const [a, b] = await Promise.all(files.map((file) => readFile(file, 'utf8')));
    expect(a).toBe(b);
    const json = JSON.parse(a as string);
    expect(json.normalizer.normalizers.map(({ type }: { type: string }) => type)).toEqual([
      'NFKC',
      'Lowercase',
    ]);
    expect(json.pre_tokenizer.pretokenizers.map(({ type }: { type: string }) => type)).toEqual([
      'Split',
      'ByteLevel',
    ]);
  });

  it('needs no text for residues', async () => {
    const out = join(root, 'residue.json');
    expect((await tokenizer('train', '--model', 'residue', '--out', out)).status).toBe(0);
    const { stdout } = await tokenizer('encode', 'MKV', '--tokenizer', out, '--json');
    expect(JSON.parse(stdout).tokens).toEqual(expect.arrayContaining(['M', 'K', 'V']));
  });

  it('shows tokens with their places, and decodes what it encoded', async () => {
    const out = join(root, 'round.json');
    await train('byte-bpe', out);
    const text = 'naïve 😀 [MASK]';
    const table = await tokenizer('encode', text, '--tokenizer', out);
    expect(table.stdout).toMatch(/^token +id +start +end\n/);
    expect(table.stdout).toMatch(/"\[MASK\]" +4 +9 +15\n/);
    const ids = (
      await tokenizer('encode', text, '--tokenizer', out, '--ids', '--no-special-tokens')
    ).stdout.trim();
    const kept = await tokenizer('decode', ...ids.split(' '), '--tokenizer', out, '--keep-special-tokens');
    expect(kept.stdout).toBe(`${text}\n`);
    expect((await tokenizer('decode', ...ids.split(' '), '--tokenizer', out)).stdout).toBe('naïve 😀 \n');
  });

  it('measures a tokenizer, as a table with a picture or as JSON', async () => {
    const out = join(root, 'measured.json');
    await train('wordpiece', out);
    const { stdout } = await tokenizer('inspect', out, corpus);
    for (const figure of [
      /^fertility .* +\d\.\d+$/m,
      /^bytes per token +\d/m,
      /^unknown tokens +\d/m,
      /^1 +[\d.]+ % █/m,
    ]) {
      expect(stdout).toMatch(figure);
    }
    const report = JSON.parse((await tokenizer('inspect', out, corpus, '--json')).stdout);
    expect(report.tokens).toBeGreaterThan(report.words);
    expect(report.fertility).toBeCloseTo(report.tokens / report.words);
    expect(report.coverage).toBeGreaterThan(0.99);
    expect(report.wordsByTokens.reduce((sum: number, count: number) => sum + count, 0)).toBe(report.words);
  });

  it('draws the figures of a tokenizer', async () => {
    const out = join(root, 'drawn.json');
    const picture = join(root, 'drawn.svg');
    await train('bpe', out);
    const { stdout } = await tokenizer('inspect', out, corpus, '--picture', picture);
    expect(stdout).toContain(`picture written to ${picture}`);
    const svg = await readFile(picture, 'utf8');
    expect(svg).toMatch(/^<svg [^>]*viewBox="0 0 720 \d+"/);
    expect(svg.match(/<rect /g)).toHaveLength(1 + 8 + 16);
    expect(svg).toMatch(/fertility \d\.\d{3} tokens per word/);
  });

  it('cuts, fills up and pairs texts, and gives places in bytes', async () => {
    const out = join(root, 'sides');
    await train('bpe', out, '--pre-tokenizer', 'whitespace-split', '--vocab-size', '150');
    const encode = async (...args: string[]) => {
      const { stdout, stderr } = await tokenizer('encode', ...args, '--tokenizer', out, '--json');
      expect(stderr).toBe('');
      return JSON.parse(stdout);
    };
    const pair = await encode('é 中', '--pair', '😀 a', '--bytes', '--no-special-tokens');
    expect(pair.typeIds).toEqual([0, 0, 1, 1]);
    expect(pair.offsets).toEqual([
      [0, 2],
      [3, 6],
      [0, 4],
      [5, 6],
    ]);
    const cut = await encode('a n c d e', '--max-length', '5', '--stride', '1', '--truncation-side', 'left');
    expect(cut.tokens).toEqual(['[CLS]', 'c', 'd', 'e', '[SEP]']);
    expect(cut.overflowing.map(({ tokens }: { tokens: string[] }) => tokens)).toEqual([
      ['[CLS]', 'a', 'n', 'c', '[SEP]'],
    ]);
    const filled = await encode('a', '--pad-to', '5', '--padding-side', 'left');
    expect(filled.tokens).toEqual(['[PAD]', '[PAD]', '[CLS]', 'a', '[SEP]']);
    expect(filled.attentionMask).toEqual([0, 0, 1, 1, 1]);
  });

  it.each([
    ['bert', ['[CLS]', 'a', '[SEP]', 'n', '[SEP]'], []],
    ['roberta', ['<s>', 'a', '</s>', '</s>', 'n', '</s>'], ['<s>', '<pad>', '</s>', '<unk>', '<mask>']],
    ['t5', ['a', '</s>', 'n', '</s>'], ['<pad>', '</s>', '<unk>']],
    ['none', ['a', 'n'], ['<pad>', '<unk>']],
  ])("puts %s's template around texts", async (template, expected, specialTokens) => {
    const out = join(root, `${template}.json`);
    const special = specialTokens.length > 0 ? ['--special-tokens', ...specialTokens] : [];
    expect((await train('bpe', out, '--template', template, ...special)).stderr).toBe('');
    const { stdout } = await tokenizer('encode', 'a', '--pair', 'n', '--tokenizer', out, '--json');
    expect(JSON.parse(stdout).tokens).toEqual(expected);
  });

  it('trains the same in several threads', async () => {
    const files = await Promise.all(
      ['1', '3'].map(async (threads) => {
        const out = join(root, `threads-${threads}.json`);
        const { status, stdout } = await train('unigram', out, '--vocab-size', '120', '--threads', threads);
        expect(status).toBe(0);
        expect(JSON.parse(stdout).threads).toBe(Number(threads));
        return readFile(out, 'utf8');
      }),
    );
    expect(files[0]).toBe(files[1]);
  });

  it('leaves hidden files, packages and other extensions of a folder out', async () => {
    const folder = join(root, 'mixed');
    await mkdir(join(folder, 'node_modules', 'x'), { recursive: true });
    for (const name of ['.hidden.txt', 'node_modules/x/readme.md', 'image.png']) {
      await writeFile(join(folder, name), 'zzz zzz zzz');
    }
    await writeFile(join(folder, 'text.txt'), 'aaa bbb aaa');
    const out = join(root, 'mixed.json');
    const { status } = await tokenizer('train', folder, '--model', 'character', '--out', out);
    expect(status).toBe(0);
    expect(await readFile(out, 'utf8')).not.toContain('"z"');
  });

  it('does not replace a tokenizer unless told to', async () => {
    const out = join(root, 'kept.json');
    await train('character', out);
    expect(errorLine(await train('character', out), 1)).toMatch(/kept\.json' exists.*--overwrite/);
    expect((await train('character', out, '--overwrite')).status).toBe(0);
  });

  it.each<[string, string[], number, RegExp]>([
    [
      'an unknown model',
      ['train', 'x', '--model', 'words', '--out', 'y'],
      2,
      /Allowed choices are wordpiece/,
    ],
    ['no text', ['train', '--model', 'bpe', '--out', 'y'], 2, /missing the text/],
    ['text that is missing', ['train', 'nowhere', '--model', 'bpe', '--out', 'y.json'], 1, /'nowhere'/],
    ['a tokenizer that is missing', ['encode', 'x', '--tokenizer', 'nowhere.json'], 1, /'nowhere\.json'/],

    [
      'a template without its tokens',
      [
        'train',
        'README.md',
        '--model',
        'bpe',
        '--template',
        'roberta',
        '--special-tokens',
        '[UNK]',
        '--out',
        'y.json',
      ],
      2,
      /template roberta: expected the special tokens/,
    ],
    ['an id that is no number', ['decode', 'x', '--tokenizer', 'y'], 2, /whole number/],
  ])('says what is wrong with %s', async (_, args, status, message) => {
    expect(errorLine(await tokenizer(...args), status)).toMatch(message);
  });

  it('says which options need another, which id is none, and what it cannot write', async () => {
    const out = join(root, 'wrong.json');
    await train('byte-bpe', out);
    const encode = (...args: string[]) => tokenizer('encode', 'x', '--tokenizer', out, ...args);
    for (const option of [
      ['--stride', '2'],
      ['--truncation-side', 'left'],
      ['--truncation-strategy', 'only-first'],
    ]) {
      expect(errorLine(await encode(...option), 2)).toContain('need --max-length');
    }
    expect(errorLine(await encode('--padding-side', 'left'), 2)).toContain('--padding-side needs --pad-to');
    expect(errorLine(await tokenizer('decode', '400000', '--tokenizer', out), 2)).toMatch(
      /id 400000: expected ids below the vocabulary size \d+/,
    );
    const through = join(out, 'further.json');
    expect(errorLine(await train('character', through), 1)).toContain(`cannot write '${through}'`);
    const decoding = start(process.execPath, [MAIN, 'tokenizer', 'decode', '--tokenizer', out], {
      input: '7 x\n',
    });
    expect(errorLine(await decoding.finished, 2)).toContain(
      'line 1 of standard input: expected ids, got "x"',
    );
  });

  it('refuses a catastrophic pattern at once, and a file that is cut off', async () => {
    const args = ['--pre-tokenizer', 'split:(a+)+$'];
    expect(errorLine(await train('bpe', join(root, 'never.json'), ...args), 2)).toMatch(/unbounded time/);
    const file = join(root, 'cut.json');
    await writeFile(file, '{"version": "1.0", "model": {');
    expect(errorLine(await tokenizer('encode', 'x', '--tokenizer', file), 1)).toMatch(
      /cut\.json: expected JSON/,
    );
  });
});
