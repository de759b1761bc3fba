import { access, cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countNgrams, encodeNgramCounts } from '../src/baselines/index.js';
import { packedRows, vocabularyOf } from '../src/baselines/testing/packed-rows.js';
import { builtModule, type Finished, lacuna, start, startLacuna } from './command.js';

/** Small enough that training is a matter of seconds. */
const TINY = [
  ...['--vocab-size', '200', '--sequence-length', '32'],
  ...['--layers', '1', '--hidden', '32', '--heads', '2', '--feed-forward', '64'],
];

const SUBJECTS = ['the president', 'the congress', 'the house', 'the senate', 'the nation', 'our people'];
const VERBS = ['asks for', 'seeks', 'defends', 'needs', 'wants', 'keeps'];
const OBJECTS = ['peace', 'justice', 'a budget', 'new laws', 'the union', 'good schools', 'trade'];

/** Sixty documents of made-up sentences, enough that some are held out. */
async function writeCorpus(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (let document = 0; document < 60; document++) {
    const sentences = Array.from({ length: 40 }, (_, index) => {
      const pick = (words: readonly string[], stride: number) =>
        words[(document + index * stride) % words.length];
      return `In year ${1800 + document}, ${pick(SUBJECTS, 1)} ${pick(VERBS, 5)} ${pick(OBJECTS, 3)}.`;
    });
    await writeFile(join(directory, `${document}.txt`), sentences.join(' '));
  }
}

let root: string;
let corpus: string;
let model: string;
let training: Finished;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'lacuna-cli-'));
  corpus = join(root, 'corpus');
  model = join(root, 'model');
  await writeCorpus(corpus);
  training = await lacuna('train', corpus, '--out', model, '--steps', '8', '--json', ...TINY);
});
afterAll(() => rm(root, { recursive: true, force: true }));

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

/** Asserts a failure of one line, without a stack, and gives the line. */
function errorLine({ status, stderr, stdout }: Finished, expectedStatus: number): string {
  expect(stderr.match(/^lacuna: /gm)).toHaveLength(1);
  const line = stderr.trimEnd().split('\n').at(-1) ?? '';
  expect(line).toMatch(/^lacuna: /);
  expect(stderr).not.toMatch(/^ +at /m);
  expect(stdout).toBe('');
  expect(status).toBe(expectedStatus);
  return line;
}

describe('help and version', () => {
  it.each([[], ['train'], ['fill'], ['eval'], ['demo']])(
    'lacuna %s --help has examples',
    async (...command) => {
      const { status, stdout, stderr } = await lacuna(...command, '--help');
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(stdout).toMatch(/^Usage: lacuna/);
      expect(stdout).toMatch(/Examples:\n {2}\$ lacuna /);
    },
  );

  it('prints the version', async () => {
    const { status, stdout } = await lacuna('--version');
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(status).toBe(0);
  });

  it('without a command is a usage error that shows help', async () => {
    const { status, stdout, stderr } = await lacuna();
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^Usage: lacuna/);
  });
});

describe('a wrong command line', () => {
  it.each<[string, string[], RegExp]>([
    [
      'an unknown option',
      ['train', 'x', '--out', 'y', '--sed', '1'],
      /unknown option '--sed'; did you mean --seed\?$/,
    ],
    ['an unknown command', ['trian'], /unknown command 'trian'; did you mean train\?$/],
    ['no --out', ['train', 'x'], /'--out <dir>' not specified/],
    ['no text', ['train', '--out', 'y'], /missing required argument 'paths'/],
    [
      'a budget of 0',
      ['train', 'x', '--out', 'y', '--budget', '0'],
      /'--budget <time>' argument '0' is invalid.*90s/,
    ],
    ['a negative budget', ['train', 'x', '--out', 'y', '--budget', '-2m'], /argument '-2m' is invalid/],
    ['a budget without a unit', ['train', 'x', '--out', 'y', '--budget', '90'], /argument '90' is invalid/],
    [
      'budget and steps',
      ['train', 'x', '--out', 'y', '--budget', '1m', '--steps', '2'],
      /cannot be used with/,
    ],
    ['a mask rate of 1', ['train', 'x', '--out', 'y', '--mask-rate', '1'], /from 0\.01 to 0\.95/],
    [
      'a seed that is no number',
      ['train', 'x', '--out', 'y', '--seed', 'a'],
      /'--seed <n>' argument 'a' is invalid/,
    ],
    ['two texts', ['fill', 'a', 'b', '--model', 'm'], /too many arguments/],
  ])('with %s is one line, status 2', async (_, args, message) => {
    expect(errorLine(await lacuna(...args), 2)).toMatch(message);
  });
});

describe('a command line of 60,000 characters', () => {
  it('does not end the process: ONNX Runtime reads it by recursion', async () => {
    const { status, stderr } = await lacuna('score', 'peace '.repeat(10_000), '--model', model, '--json');
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });
});

describe('train', () => {
  it('prints exactly one JSON value on stdout, the rest on stderr', () => {
    expect(training.stderr).toContain(`model saved to ${model}`);
    expect(training.status).toBe(0);
    expect(JSON.parse(training.stdout)).toMatchObject({
      modelDir: model,
      interrupted: false,
      steps: 8,
      seed: 0,
      heldOut: { lossNats: expect.any(Number), baselines: { unigram: { lossNats: expect.any(Number) } } },
    });
  });

  it('writes the whole directory and no litter', async () => {
    const names = await readdir(model);
    for (const name of ['config.json', 'model.safetensors', 'tokenizer.json', 'README.md', 'lacuna.json']) {
      expect(names).toContain(name);
    }
    expect((await readdir(root)).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('does not replace a model unless told to', async () => {
    const args = ['train', corpus, '--out', model, '--steps', '8', ...TINY];
    expect(errorLine(await lacuna(...args), 1)).toMatch(/already holds a model.*--overwrite/);
    expect((await lacuna(...args, '--overwrite')).status).toBe(0);
  });

  it.each<[NodeJS.Signals, number]>([
    ['SIGINT', 0],
    ['SIGTERM', 143],
  ])('saves a usable model on %s', async (signal, status) => {
    const out = join(root, `interrupted-${signal}`);
    const running = startLacuna(['train', corpus, '--out', out, '--budget', '10m', ...TINY]);
    await running.seen('step ');
    running.child.kill(signal);
    const finished = await running.finished;
    expect(finished.stderr).toContain('interrupted: finishing the step and saving');
    expect(finished.stdout).toMatch(/interrupted after \d+ steps; model saved to/);
    expect(finished.status).toBe(status);
    expect((await lacuna('fill', 'the [MASK] asks', '--model', out)).status).toBe(0);
  });

  it('ends at once on a second signal', async () => {
    const script = `
      import { listenForInterruption } from '${builtModule('interruption.js')}';
      listenForInterruption(() => console.error('first'));
      console.error('ready');
      setInterval(() => {}, 1000);`;
    const running = start(process.execPath, ['--input-type=module', '--eval', script]);
    await running.seen('ready');
    running.child.kill('SIGINT');
    await running.seen('first');
    running.child.kill('SIGINT'); // the same press, passed on: does not count
    await new Promise((resolve) => setTimeout(resolve, 800));
    expect(running.child.exitCode).toBeNull();
    running.child.kill('SIGINT');
    expect((await running.finished).signal).toBe('SIGINT'); // which shells report as 130
  });

  it('uses colours only where they are wanted', async () => {
    const plain = await lacuna('fill', 'the [MASK]', '--model', model);
    expect(plain.stdout).not.toContain('\u001b');
    const forced = await startLacuna(['fill', 'the [MASK]', '--model', model], { env: { FORCE_COLOR: '1' } })
      .finished;
    expect(forced.stdout).toContain('\u001b');
  });
});

describe('fill', () => {
  it('answers in the shape of Hugging Face', async () => {
    const { stdout, stderr } = await lacuna(
      'fill',
      'the [MASK] asks',
      '--model',
      model,
      '--top-k',
      '3',
      '--json',
    );
    expect(stderr).toBe('');
    const candidates = JSON.parse(stdout);
    expect(candidates).toHaveLength(3);
    for (const candidate of candidates) {
      expect(Object.keys(candidate).sort()).toEqual(['score', 'sequence', 'token', 'token_str']);
      expect(candidate.sequence).not.toContain('[MASK]');
    }
  });

  it('fills every mask', async () => {
    const { stdout } = await lacuna('fill', '[MASK] seeks [MASK]', '--model', model, '--json');
    expect(JSON.parse(stdout).map((list: unknown[]) => list.length)).toEqual([5, 5]);
  });
});

describe('eval', () => {
  it('measures the model and its baselines', async () => {
    const { stdout, status } = await lacuna('eval', corpus, '--model', model, '--json');
    expect(status).toBe(0);
    expect(Object.keys(JSON.parse(stdout)).sort()).toEqual([
      'accuracy',
      'baselines',
      'bitsPerByte',
      'lossNats',
      'maskedTokens',
      'perplexity',
      'top5Accuracy',
    ]);
  });

  it('measures whole words beside them', async () => {
    const { stdout } = await lacuna('eval', corpus, '--model', model, '--whole-words', '0.2', '--json');
    const { bitsPerByte, wholeWords } = JSON.parse(stdout);
    expect(bitsPerByte).toBeGreaterThan(0);
    expect(wholeWords.bitsPerByte).toBeGreaterThan(0);
    expect(wholeWords.words).toBeGreaterThan(0);
    expect(wholeWords.tokensPerWord).toBeGreaterThanOrEqual(1);
  });

  it('refuses the counts of another model', async () => {
    const other = join(root, 'other-counts');
    await cp(model, other, { recursive: true });
    const rows = packedRows([[0, 5, 6, 5, 1]]);
    const counts = countNgrams(rows, vocabularyOf(7, [0, 1, 2]));
    await writeFile(join(other, 'baselines.bin'), encodeNgramCounts(counts));
    expect(errorLine(await lacuna('eval', corpus, '--model', other), 1)).toMatch(
      /the stored n-gram counts are of 7 ids, the tokenizer has \d+: they are of another model$/,
    );
  });
});

describe('bad input', () => {
  /** A file or directory below the root, made for one case. */
  const given = async (name: string, content: string | Uint8Array) => {
    await writeFile(join(root, name), content);
    return join(root, name);
  };
  const train = (path: string, out: string) => lacuna('train', path, '--out', out, '--steps', '2', ...TINY);

  it.each<[string, string, string | Uint8Array, RegExp]>([
    ['an empty file', 'empty.txt', '', /empty/],
    ['a binary file', 'binary.txt', Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 0, 0, 0, 1, 2, 0), /binary\.txt/],
    ['invalid UTF-8', 'latin1.txt', Buffer.from('caf\u00e9 au lait\n', 'latin1'), /latin1\.txt.*UTF-8/],
  ])('of %s is named and leaves nothing', async (_, name, content, message) => {
    const out = join(root, `out-${name}`);
    expect(errorLine(await train(await given(name, content), out), 1)).toMatch(message);
    expect(await exists(out)).toBe(false);
  });

  it('of an empty directory or a path that does not exist is named', async () => {
    const empty = join(root, 'nothing');
    await mkdir(empty);
    expect(errorLine(await train(empty, join(root, 'out-a')), 1)).toContain(empty);
    const missing = join(root, 'missing.txt');
    expect(errorLine(await train(missing, join(root, 'out-b')), 1)).toContain(missing);
  });

  it('of two sentences is too small to learn from', async () => {
    const path = join(root, 'two.txt');
    await writeFile(path, 'The state of the union is strong. We seek peace.');
    const line = errorLine(await lacuna('train', path, '--out', join(root, 'two'), '--steps', '1'), 1);
    expect(line).toMatch(/the corpus is too small/);
    expect(await exists(join(root, 'two'))).toBe(false);
  });

  it('of a missing model says how to get one', async () => {
    const missing = join(root, 'no-model');
    const text = 'the [MASK]';
    expect(errorLine(await lacuna('fill', text, '--model', missing), 1)).toMatch(
      /does not exist.*lacuna train/,
    );
    expect(errorLine(await lacuna('eval', corpus, '--model', missing), 1)).toContain(missing);
  });

  it('of a text without a mask says what to write', async () => {
    expect(errorLine(await lacuna('fill', 'no gap here', '--model', model), 1)).toContain('[MASK]');
  });

  it('of an output directory with other things in it is refused before training', async () => {
    expect(errorLine(await train(corpus, corpus), 1)).toMatch(/is not empty.*choose another --out/);
    expect(await readdir(corpus)).toHaveLength(60);
  });

  // Root may write anywhere, so permissions cannot stand for a read-only place in a test: a path through a file, a
  // device and a file system that creates nothing can.
  it.runIf(process.platform === 'linux').each([
    ['a path through a file', '/etc/passwd/model'],
    ['a device', '/dev/full'],
    ['a file system that creates nothing', '/proc/lacuna'],
  ])('of %s as output directory is refused before training', async (_, out) => {
    const finished = await train(corpus, out);
    const line = errorLine(finished, 1);
    expect(line).toContain(out);
    expect(line).toMatch(/choose another/);
    expect(finished.stderr).not.toContain('step ');
  });
});
