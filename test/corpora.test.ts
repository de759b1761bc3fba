import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lacuna, MAIN, start, startLacuna } from './command.js';
import { lastLine, STEPS, TINY } from './small-runs.js';

let root: string;
let texts: readonly string[];
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'lacuna-corpora-'));
  texts = Array.from(
    { length: 120 },
    (_, row) => `Letter ${row} says: "${'we fill what is missing, '.repeat(2 + (row % 5))}so be it."`,
  );
  await writeFile(join(root, 'letters.jsonl'), jsonl(texts));
});
afterAll(() => rm(root, { recursive: true }));

const jsonl = (texts: readonly string[]) =>
  texts.map((text, row) => `${JSON.stringify({ text, lang: row % 2 === 0 ? 'en' : 'de' })}\n`).join('');
const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
const at = (name: string) => join(root, name);
const train = (corpus: string, out: string, ...more: string[]) =>
  lacuna('train', corpus, '--out', at(out), ...STEPS, ...TINY, ...more);
const weights = (name: string) => readFile(join(at(name), 'model.safetensors'));

describe('a corpus', () => {
  it('that is prepared gives the same model as its files, also when a run goes on', async () => {
    const prepared = await lacuna(
      ...['data', 'prepare', at('letters.jsonl'), '--out', at('prepared')],
      ...['--vocab-size', '150', '--sequence-length', '16', '--json'],
    );
    expect(prepared.status).toBe(0);
    expect(JSON.parse(prepared.stdout)).toMatchObject({ corpus: { documents: 120 }, sequenceLength: 16 });
    expect((await train(at('letters.jsonl'), 'plain')).status).toBe(0);
    expect((await train(at('prepared'), 'from-shards', '--steps', '12')).status).toBe(0);
    const whole = await train(at('prepared'), 'whole');
    expect(whole.status).toBe(0);
    expect(await weights('whole')).toEqual(await weights('plain'));
    const run = startLacuna(['train', at('prepared'), '--out', at('killed'), ...STEPS, ...TINY]);
    await run.seen('checkpoint');
    run.child.kill('SIGKILL');
    await run.finished;
    expect((await lacuna('train', '--resume', `${at('killed')}.run`)).status).toBe(0);
    expect(await weights('killed')).toEqual(await weights('plain'));
    // The shards of a run that goes on have been cut short meanwhile.
    const shard = join(at('prepared'), 'train-00000.ids');
    await truncate(shard, 100);
    const damaged = await train(at('prepared'), 'damaged');
    expect(lastLine(damaged)).toMatch(
      /^lacuna: '.*train-00000\.ids' is damaged: expected \d+ bytes, got 100; prepare/,
    );
    expect(damaged.status).toBe(1);
    expect(await readdir(root)).not.toContain('damaged');
  });

  it('is trained on without its duplicates, from files and prepared, as if they had been left out before', async () => {
    await mkdir(at('copies'));
    const words = (row: number) =>
      Array.from({ length: 60 }, (_, index) => `w${(row * row + index * (row + 3)) % 59}`);
    for (let row = 0; row < 60; row++) {
      const copy = row % 3 === 2 ? words(row - 1).join('  ') : words(row).join(' ');
      await writeFile(join(at('copies'), `${String(row).padStart(2, '0')}.txt`), copy);
    }
    const removed = await lacuna('data', 'dedup', at('copies'), '--out', at('unique'), '--threshold', '0.9');
    expect(removed.stdout).toMatch(/^40 documents kept in .*, 20 left out/m);
    const options = ['--dedup-threshold', '0.9'];
    const prepared = await lacuna(
      ...['data', 'prepare', at('copies'), '--out', at('unique-shards'), ...options],
      ...['--vocab-size', '150', '--sequence-length', '16'],
    );
    expect(prepared.stderr).toMatch(/^notice +--dedup left out 20 documents$/m);
    expect((await train(at('unique'), 'of-unique')).status).toBe(0);
    const whole = await train(at('copies'), 'of-copies', ...options, '--keep-checkpoints', '9');
    expect(whole.stderr).toMatch(/^notice +--dedup left out 20 documents$/m);
    expect((await train(at('unique-shards'), 'of-shards')).status).toBe(0);
    for (const name of ['of-copies', 'of-shards'])
      expect(await weights(name)).toEqual(await weights('of-unique'));
    const config = join(`${at('of-copies')}.run`, 'lacuna.config.json');
    expect(JSON.parse(await readFile(config, 'utf8')).corpus).toEqual({ dedup: true, dedupThreshold: 0.9 });
    expect((await lacuna('train', '--config', config, '--out', at('of-config'))).status).toBe(0);
    expect(await weights('of-config')).toEqual(await weights('of-unique'));
  });

  it('is not gone on with under another rule for duplicates', async () => {
    const run = startLacuna([
      'train',
      at('letters.jsonl'),
      '--out',
      at('begun'),
      ...STEPS,
      ...TINY,
      '--dedup',
    ]);
    await run.seen('checkpoint');
    run.child.kill('SIGKILL');
    await run.finished;
    const resume = (...options: string[]) => lacuna('train', '--resume', `${at('begun')}.run`, ...options);
    const refused = await resume('--dedup-threshold', '0.9');
    expect(lastLine(refused)).toMatch(
      /cannot resume .*: dedupThreshold was 0\.8 and is now 0\.9; resume with/,
    );
    expect(refused.status).toBe(2);
    expect((await resume()).status).toBe(0);
    expect((await train(at('letters.jsonl'), 'not-killed', '--dedup')).status).toBe(0);
    expect(await weights('begun')).toEqual(await weights('not-killed'));
  });

  it('is read from a pipe, and rows of it by a condition', async () => {
    const piped = start(
      process.execPath,
      [
        MAIN,
        'train',
        '-',
        '--format',
        'jsonl',
        '--out',
        at('piped'),
        ...STEPS,
        ...TINY,
        '--where',
        "lang = 'en'",
      ],
      { input: jsonl(texts) },
    );
    const { status, stderr } = await piped.finished;
    expect(stderr).toMatch(/^encode +\d+ documents to train on/m);
    expect(status).toBe(0);
    await writeFile(at('english.jsonl'), jsonl(texts));
    expect((await train(at('english.jsonl'), 'condition', '--where', "lang = 'en'")).status).toBe(0);
    const evaluated = await lacuna('eval', at('english.jsonl'), '--model', at('piped'), '--json');
    expect(evaluated.status).toBe(0);
  });

  it.each(['jsonl', 'csv'])('of %s is read from a pipe as it comes, without a copy', async (format) => {
    const records = format === 'csv' ? `text\n${texts.map(quoted).join('\n')}` : jsonl(texts);
    const out = at(`piped-${format}.json`);
    const command = [
      'tokenizer',
      'train',
      '-',
      '--format',
      format,
      '--model',
      'wordpiece',
      '--vocab-size',
      '90',
      '--out',
      out,
    ];
    const { finished } = start(process.execPath, [MAIN, ...command], {
      input: records,
      env: { TMPDIR: at('no-such-folder') },
    });
    expect(await finished).toMatchObject({ status: 0 });
  });

  it('teaches a tokenizer, whatever it is stored as', async () => {
    await writeFile(at('letters.txt'), texts.join('\n'));
    const vocabulary = async (file: string) => {
      const out = at(`${file}.json`);
      const command = [
        'tokenizer',
        'train',
        at(file),
        '--model',
        'wordpiece',
        '--vocab-size',
        '90',
        '--out',
        out,
      ];
      expect((await lacuna(...command)).status).toBe(0);
      return JSON.parse(await readFile(out, 'utf8')).model.vocab;
    };
    expect(await vocabulary('letters.jsonl')).toEqual(await vocabulary('letters.txt'));
  });

  it('that is being prepared leaves nothing when it is told to stop, and can be prepared again', async () => {
    await mkdir(at('large'));
    const large = texts.join('\n').repeat(1500);
    for (const name of ['a.txt', 'b.txt']) await writeFile(join(at('large'), name), large);
    const command = ['data', 'prepare', at('large'), '--out', at('stopped'), '--vocab-size', '150'];
    const run = startLacuna(command);
    await run.seen('encode');
    run.child.kill('SIGTERM');
    const { status, stderr } = await run.finished;
    expect(stderr).toContain('interrupted: nothing is kept');
    expect(status).toBe(143);
    expect((await readdir(root)).filter((name) => name.includes('stopped'))).toEqual([]);
    expect((await lacuna(...command)).status).toBe(0);
  });

  it.each([
    ['jsonl', '{"text":"a","n":1}\n{"text": b}\n', "'-', line 2: expected a JSON object"],
    ['csv', 'text,n\n"a",1\n"b\n', "'-', line 3: a quoted field is never closed"],
  ])('of %s with a bad record names the pipe, under a condition too', async (format, input, message) => {
    for (const condition of [[], ['--where', 'n > 0']]) {
      const args = ['data', 'stats', '-', '--format', format, ...condition];
      const { status, stderr } = await start(process.execPath, [MAIN, ...args], { input }).finished;
      expect(status).toBe(1);
      expect(stderr).toContain(message);
    }
  });

  it('from a pipe, which is held in memory, stops when it is told to in the middle of its encoding', async () => {
    const out = at('stopped-pipe');
    const args = ['train', '-', '--format', 'jsonl', '--out', out, ...STEPS, ...TINY];
    const run = start(process.execPath, [MAIN, ...args], { input: jsonl(texts).repeat(600) });
    await run.seen('encode');
    run.child.kill('SIGTERM');
    const { status, stderr } = await run.finished;
    expect(stderr).toContain('interrupted before the first step: nothing saved');
    expect(stderr).not.toContain('baselines');
    expect(status).toBe(143);
    expect((await readdir(root)).filter((name) => name.startsWith('stopped-pipe'))).toEqual([]);
  });

  it('says what is wrong, before it trains', async () => {
    await writeFile(at('bad.jsonl'), '{"text": "a"}\n{"text"\n');
    const cases: [string, string[], RegExp, number][] = [
      ['bad.jsonl', [], /bad\.jsonl', line 2: expected a JSON object/, 1],
      ['letters.jsonl', ['--text-column', 'texts'], /has no column 'texts'; did you mean 'text'\?/, 2],
      ['letters.jsonl', ['--where', 'nope = 1'], /--where nope = 1: Binder Error/, 2],
      ['letters.jsonl', ['--match', '('], /--match: Invalid regular expression/, 2],
      ['letters.jsonl', ['--min-words', '1000'], /no text in .*--min-words left out 120/, 1],
      ['letters.jsonl', ['--format', 'xml'], /--format/, 2],
    ];
    for (const [file, options, message, status] of cases) {
      const refused = await train(at(file), 'never', ...options);
      expect(lastLine(refused)).toMatch(message);
      expect(refused.status).toBe(status);
    }
    expect((await readdir(root)).filter((name) => name.startsWith('never'))).toEqual([]);
  });

  it('that is kept prepared can be cleaned away', async () => {
    const cleaned = await lacuna('data', 'clean', '--cache-dir', at('no-cache'), '--json');
    expect(JSON.parse(cleaned.stdout)).toEqual({
      ...{ directory: at('no-cache'), corpora: [], sizeBytes: 0, removed: true },
    });
  });
});
