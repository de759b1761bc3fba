import { cp, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Finished, lacuna, MAIN, start, startLacuna } from './command.js';
import { lastLine } from './small-runs.js';

const tiny = fileURLToPath(new URL('../src/ask/goldens/tiny-model', import.meta.url));

/** Those of the sixty groups that are not learned from; `splitByGroup` fixes them. */
const MEASURED = new Set([5, 8, 9, 14, 19, 20, 22, 28, 38, 40, 43, 44, 49, 50, 51, 59]);

let root: string;
/** A model of a family of Lacuna's own, whose weights are more than 64 KiB. */
let own: string;
let texts: string;

const at = (name: string) => join(root, name);

async function file(name: string, lines: readonly string[]): Promise<string> {
  await writeFile(at(name), lines.join('\n'));
  return at(name);
}

/** Sixty texts, each a group whose side of the split its name fixes, with the label that `labelOf` gives. */
const labelled = (name: string, labelOf: (index: number) => string) =>
  file(
    name,
    Array.from({ length: 60 }, (_, index) =>
      JSON.stringify({ text: `state ${index} of the union`, label: labelOf(index), group: `g${index}` }),
    ),
  );

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'lacuna-tuning-errors-'));
  own = at('own');
  await mkdir(at('corpus'));
  for (let document = 0; document < 40; document++) {
    await writeFile(
      join(at('corpus'), `${document}.txt`),
      `the state of union ${document} is strong. `.repeat(9),
    );
  }
  const sizes = ['--vocab-size', '150', '--sequence-length', '16', '--layers', '2', '--hidden', '64'];
  const shape = ['--heads', '2', '--feed-forward', '64', '--steps', '2', '--family', 'modernbert-mixing'];
  const trained = await lacuna('train', at('corpus'), '--out', own, ...sizes, ...shape);
  expect(trained.status, trained.stderr).toBe(0);
  texts = await labelled('texts.jsonl', (index) => 'ab'[index % 2] as string);
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** Asserts a failure of one line, without a stack, and nothing written at `no` or left beside it. */
async function refused(finished: Finished, status: number, message: string | RegExp): Promise<void> {
  expect(lastLine(finished)).toMatch(/^lacuna: /);
  expect(lastLine(finished)).toMatch(message);
  expect(finished.stderr).not.toMatch(/^ +at /m);
  expect(finished.stdout).toBe('');
  expect(finished.status).toBe(status);
  expect((await readdir(root)).filter((name) => /^no|probing|writing|replac/.test(name))).toEqual([]);
}

const classify = (data: string, ...args: readonly string[]) =>
  lacuna('tune', 'classify', data, '--from', tiny, '--out', at('no'), '--epochs', '1', ...args);
const tag = (data: string) => lacuna('tune', 'tag', data, '--from', tiny, '--out', at('no'), '--epochs', '1');

describe('data to tune on', () => {
  it('must be a file that is there', async () => {
    await refused(await classify(at('none.jsonl')), 1, /cannot read '.*none.jsonl': it does not exist$/);
    await refused(await classify(at('corpus')), 1, /cannot read '.*corpus': it is a directory$/);
  });

  it('is refused with the place of what is wrong in it', async () => {
    const jsonl = await file('bad.jsonl', ['{"text":"a","label":"b"}', '{"text":"a"}']);
    await refused(await classify(jsonl), 1, /bad.jsonl:2: label: expected a string that is not blank/);
    const csv = await file('bad.csv', ['text,label', 'yes, we can,a']);
    await refused(await classify(csv), 1, /bad.csv:2: expected 2 cells as in the header, got 3; put/);
    const conll = await file('bad.conll', ['The D', 'state']);
    await refused(await tag(conll), 1, /bad.conll:2: expected a word and its tag, got 'state'$/);
    await refused(
      await tag(await file('empty.conll', [])),
      1,
      /empty.conll: expected lines of a word and its tag, got none$/,
    );
  });

  it('must have two labels, in the part to learn from too', async () => {
    const one = await labelled('one.jsonl', () => 'x');
    await refused(await classify(one), 1, /one.jsonl: expected at least two different labels, got x alone$/);
    const tags = await file(
      'one.conll',
      Array.from({ length: 60 }, (_, index) => `w${index} X\n`),
    );
    await refused(await tag(tags), 1, /one.conll: expected at least two different labels, got X alone$/);
    const measured = await labelled('measured.jsonl', (index) => (MEASURED.has(index) ? 'y' : 'x'));
    await refused(
      await classify(measured),
      1,
      /measured.jsonl: the part to learn from: expected at least two different labels, got x alone$/,
    );
  });

  it('must be enough for three parts', async () => {
    const few = await file('few.jsonl', ['{"text":"a","label":"x"}', '{"text":"b","label":"y"}']);
    await refused(
      await classify(few),
      1,
      /few.jsonl: expected at least some dozens of groups, got 2 of 2 examples: none falls into the /,
    );
  });

  it('may hold labels of which nothing can be learned, which is said', async () => {
    const rare = await labelled('rare.jsonl', (index) =>
      MEASURED.has(index) ? 'rare' : ('ab'[index % 2] as string),
    );
    const { status, stderr } = await lacuna(
      ...['tune', 'classify', rare, '--from', tiny, '--out', at('rare'), '--epochs', '1'],
    );
    expect(stderr).toMatch(/^notice +nothing is learned of labels that only the parts .* have: 'rare'$/m);
    expect(status).toBe(0);
  });
});

describe('a model that cannot be read', () => {
  const commands = (model: string) => [
    ['tune', 'classify', texts, '--from', model],
    ['export', '--model', model, '--format', 'onnx'],
    ['import', model],
  ];
  const damaged: readonly (readonly [string, (model: string) => Promise<void>, number, RegExp])[] = [
    ['absent', (model) => rm(model, { recursive: true }), 1, /the model directory '.*' does not exist/],
    [
      'a file',
      (model) => rm(model, { recursive: true }).then(() => writeFile(model, '')),
      1,
      /expected '.*' to be a model directory, got a file/,
    ],
    [
      'without config.json',
      (model) => rm(join(model, 'config.json')),
      1,
      /config.json' is missing; a model directory holds/,
    ],
    [
      'with half a config.json',
      (model) => truncate(join(model, 'config.json'), 9),
      1,
      /config.json: expected JSON: /,
    ],
    [
      'of an unknown family',
      (model) => writeFile(join(model, 'config.json'), '{"model_type":"t5"}'),
      2,
      /config.json: model_type: expected a model family of bert, .*, got "t5"/,
    ],
    [
      'without weights',
      (model) => rm(join(model, 'model.safetensors')),
      1,
      /expected weights in one of model.safetensors/,
    ],
    [
      'with half its weights',
      (model) => truncate(join(model, 'model.safetensors'), 3000),
      1,
      /model.safetensors is cut short: its tensors need /,
    ],
    [
      'without a tokenizer',
      (model) => rm(join(model, 'tokenizer.json')),
      1,
      /expected tokenizer.json, or the vocab.txt/,
    ],
  ];

  it.each(damaged)('%s is named by tune, export and import', async (_, damage, status, message) => {
    const model = at('damaged');
    await rm(model, { recursive: true, force: true });
    await cp(tiny, model, { recursive: true });
    await damage(model);
    for (const args of commands(model))
      await refused(await lacuna(...args, '--out', at('no')), status, message);
  });
});

describe('an output directory', () => {
  const commands = () => [
    ['tune', 'classify', texts, '--from', own, '--epochs', '1'],
    ['export', '--model', own, '--format', 'onnx'],
    ['import', own],
  ];

  it('with other things in it is not replaced, nor is a file, nor a model without --overwrite', async () => {
    await mkdir(at('kept'), { recursive: true });
    await writeFile(join(at('kept'), 'letter.txt'), 'dear');
    for (const args of commands()) {
      const into = (out: string) => lacuna(...args, '--out', out);
      await refused(
        await lacuna(...args, '--overwrite', '--out', at('kept')),
        1,
        /'.*kept' exists and is not empty, and holds no lacuna.json/,
      );
      await refused(
        await into(texts),
        1,
        /cannot write the model directory '.*texts.jsonl': expected a directory, got a file/,
      );
      await refused(
        await into(own),
        1,
        /'.*own' already holds a model; choose another --out or pass --overwrite$/,
      );
    }
    expect(await readdir(at('kept'))).toEqual(['letter.txt']);
  });

  it('of what was tuned from a model that Lacuna did not train is replaced with --overwrite', async () => {
    const again = ['tune', 'classify', texts, '--from', tiny, '--out', at('again'), '--epochs', '1'];
    expect((await lacuna(...again)).status).toBe(0);
    await refused(
      await lacuna(...again),
      1,
      /already holds a model; choose another --out or pass --overwrite$/,
    );
    const replaced = await lacuna(...again, '--overwrite');
    expect(replaced.status, replaced.stderr).toBe(0);
  });

  it.runIf(process.platform === 'linux')('keeps what it held when the disk is full', async () => {
    for (const args of commands()) {
      const held = at('held');
      await rm(held, { recursive: true, force: true });
      await cp(own, held, { recursive: true });
      const before = await readFile(join(held, 'model.safetensors'));
      // A limit of 64 KiB a file: the probe fits, the weights do not, as on a full disk.
      const command = [process.execPath, MAIN, ...args, '--overwrite', '--out', held].map(
        (each) => `"${each}"`,
      );
      const failed = await start('bash', ['-c', `ulimit -f 64; exec ${command.join(' ')}`]).finished;
      await refused(failed, 1, /cannot write '.*model.safetensors': the file would be too large$/);
      expect(await readFile(join(held, 'model.safetensors'))).toEqual(before);
      expect(await readdir(held)).toEqual(await readdir(own));
    }
  });
});

describe('export', () => {
  it.each([
    [['--format', 'tf'], "argument 'tf' is invalid. Allowed choices are hf, onnx"],
    [['--format', 'onnx', '--quantize', 'int4'], "expected int8 or fp16, got 'int4'"],
    [['--format', 'hf', '--quantize', 'int8'], '--quantize is for ONNX files; give --format onnx'],
    [['--format', 'hf', '--external-above', '5'], '--external-above is for ONNX files; give --format onnx'],
    [
      ['--format', 'onnx', '--task', 'translation'],
      "argument 'translation' is invalid. Allowed choices are fill-mask, ",
    ],
    [
      ['--format', 'hf', '--task', 'text-classification'],
      'the model is for fill-mask and has no head for text-classification',
    ],
    [
      ['--format', 'onnx', '--task', 'token-classification'],
      'the model is for fill-mask and has no head for token-classification',
    ],
  ])('%j is a mistake of usage', async (args, message) => {
    await refused(await lacuna('export', '--model', tiny, '--out', at('no'), ...args), 2, message);
  });

  it("of a family that is Lacuna's own is ONNX alone", async () => {
    await refused(
      await lacuna('export', '--model', own, '--format', 'hf', '--out', at('no')),
      2,
      /own: transformers has no model of the type modernbert-mixing: export it with --format onnx$/,
    );
  });
});

describe('a longer sequence than a table of positions has', () => {
  it('is refused', async () => {
    const sizes = [
      '--vocab-size',
      '150',
      '--sequence-length',
      '16',
      '--layers',
      '1',
      '--hidden',
      '16',
      '--heads',
      '1',
    ];
    const shape = ['--feed-forward', '16', '--steps', '1', '--family', 'bert'];
    expect((await lacuna('train', at('corpus'), '--out', at('bert'), ...sizes, ...shape)).status).toBe(0);
    await refused(
      await lacuna(
        'tune',
        'classify',
        texts,
        '--from',
        at('bert'),
        '--out',
        at('no'),
        '--sequence-length',
        '32',
      ),
      2,
      /config.json: its positions are a table for 16 tokens: expected no other sequence length, got 32$/,
    );
  });
});

describe('a model for another task', () => {
  it('is told how to get one', async () => {
    await refused(
      await lacuna('classify', 'a text', '--model', tiny),
      2,
      /expected a model for text-classification, got one for fill-mask; see lacuna tune classify$/,
    );
    await refused(
      await lacuna('tag', 'a text', '--model', tiny),
      2,
      /expected a model for token-classification, got one for fill-mask; see lacuna tune tag$/,
    );
  });
});

describe('a signal', () => {
  /** A tuning to which a signal is sent when it prints `moment`. */
  const signalled = (moment: string, signal: NodeJS.Signals, out: string): Promise<Finished> => {
    const source = `
      const write = process.stderr.write;
      process.stderr.write = function (text, ...rest) {
        if (String(text).includes(${JSON.stringify(moment)})) process.kill(process.pid, ${JSON.stringify(signal)});
        return write.call(this, text, ...rest);
      };`;
    const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(source)}`;
    const args = [
      'tune',
      'classify',
      texts,
      '--from',
      tiny,
      '--out',
      out,
      '--epochs',
      '9',
      '--patience',
      '9',
    ];
    return startLacuna(args, { env: { NODE_OPTIONS } }).finished;
  };

  it.each<[NodeJS.Signals, number]>([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ])('before the first epoch (%s) leaves nothing', async (signal, status) => {
    await refused(
      await signalled('reading', signal, at('no')),
      status,
      'interrupted before the first epoch: nothing saved',
    );
  });

  it.each<[NodeJS.Signals, number]>([
    ['SIGINT', 0],
    ['SIGTERM', 143],
  ])('after an epoch (%s) saves the best', async (signal, status) => {
    const ended = await signalled('epoch 1 ', signal, at(signal));
    expect(ended.status, ended.stderr).toBe(status);
    expect(ended.stdout).toMatch(/^epoch [12] of [12] in /m);
    expect((await lacuna('classify', 'a text', '--model', at(signal))).status).toBe(0);
  });
});
