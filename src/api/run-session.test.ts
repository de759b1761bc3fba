import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError, FileError, FormatError, LacunaError, UsageError } from '../core/index.js';
import { readJournal } from '../runs/index.js';
import { defaultRecipe, type TrainingOutcome } from '../train/index.js';
import { type RunIdentity, RunSession } from './run-session.js';
import { train } from './train.js';
import type { TrainEvent, TrainOptions } from './types.js';

let root: string;
let out: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'lacuna-session-'));
  out = join(root, 'model');
});
afterEach(() => rm(root, { recursive: true, force: true }));

const IDENTITY: RunIdentity = {
  ...{ seed: 1, threads: 2, corpus: 'a corpus', tokenizer: '{"model":{}}' },
  recipe: defaultRecipe,
  state: [{ name: 'weight', dtype: 'float32', shape: [2] }],
};
const OUTCOME: TrainingOutcome = {
  ...{ parameters: new Map(), steps: 3, elapsedMs: 1, interrupted: false, lossNats: [], plan: [] },
};

const options = (more: Partial<TrainOptions> = {}): TrainOptions => ({
  ...{ paths: ['corpus'], out, steps: 3, seed: 1, threads: 2 },
  ...more,
});
const resumed = (more: Partial<TrainOptions> = {}): TrainOptions => ({
  paths: [],
  out,
  resume: true,
  ...more,
});

/** Begins a run and closes it, after `act`. */
async function begun(act?: (session: RunSession) => Promise<void>): Promise<void> {
  const session = await RunSession.open(options());
  await session.begin(IDENTITY, { steps: 3 }, () => undefined);
  await act?.(session);
  await session.close();
}

/** Resumes the run with what it is made of now. */
async function resume(
  identity = IDENTITY,
  report: (event: TrainEvent) => void = () => undefined,
): Promise<void> {
  const session = await RunSession.open(resumed());
  try {
    await session.begin(identity, { steps: 3 }, report);
  } finally {
    await session.close();
  }
}

const runFile = (name: string) => join(`${out}.run`, name);
const edit = async (name: string, from: string, to: string) => {
  const text = await readFile(runFile(name), 'utf8');
  expect(text).toContain(from);
  await writeFile(runFile(name), text.replace(from, to));
};

describe('a run is not begun', () => {
  it('with two budgets', async () => {
    const twice = train({ paths: ['x'], out, steps: 1, budgetMs: 1000 });
    await expect(twice).rejects.toThrow(/^give a budget of time, a number of steps or the plan .*, not two$/);
    await expect(twice).rejects.toBeInstanceOf(ConfigError);
    expect(await readdir(root)).toEqual([]);
  });

  it('where an unfinished one has checkpoints', async () => {
    await begun(async () => {
      await mkdir(join(runFile('checkpoints'), 'step-000000001'), { recursive: true });
    });
    await expect(RunSession.open(options())).rejects.toThrow(
      /holds a run that is not finished; go on with it by/,
    );
    await (await RunSession.open(options({ overwrite: true }))).close();
  });
});

describe('a run is not resumed', () => {
  it('where there is none', async () => {
    await expect(train(resumed())).rejects.toThrow(
      /^there is no run to resume in '.*model\.run': expected run\.json/,
    );
    await expect(train(resumed())).rejects.toBeInstanceOf(FileError);
    expect(await readdir(root)).toEqual([]);
  });

  it('when it is finished', async () => {
    await begun((session) => session.finish(OUTCOME));
    await expect(RunSession.open(resumed())).rejects.toThrow(/is finished and its model is '.*'; train anew/);
    await expect(RunSession.open(resumed())).rejects.toBeInstanceOf(UsageError);
  });

  it('with another number of steps', async () => {
    await begun();
    await expect(RunSession.open(resumed({ steps: 4 }))).rejects.toThrow(
      /^--steps 4: the run was begun with 3; resume it without --steps/,
    );
  });

  it.each([
    ['an option that is none', '"steps": 3', '"stairs": 3', /^run\.json: .*[Uu]nrecognized key: "stairs"/],
    ['a value of another kind', '"steps": 3', '"steps": "many"', /^run\.json: steps: .*expected number/],
    ['another format', '"formatVersion": 1', '"formatVersion": 2', /run\.json: formatVersion: /],
    ['text that is no JSON', '{', '[', /run\.json.*JSON/],
  ])('when its run.json holds %s', async (_, from, to, message) => {
    await begun();
    await edit('run.json', from, to);
    const opening = RunSession.open(resumed());
    await expect(opening).rejects.toThrow(message);
    await expect(opening).rejects.toBeInstanceOf(FormatError);
  });

  it('without its tokenizer, or with another', async () => {
    await begun();
    await edit('tokenizer.json', '{}', '{"x":1}');
    await expect(resume()).rejects.toThrow(/tokenizer\.json' is not the tokenizer that the run began with/);
    await rm(runFile('tokenizer.json'));
    await expect(resume()).rejects.toThrow(/^cannot read '.*tokenizer\.json': it does not exist$/);
  });

  it('when its numbers would depend on something else', async () => {
    await begun();
    await expect(resume({ ...IDENTITY, corpus: 'another' })).rejects.toThrow(
      /^cannot resume the run in '.*': corpus was "a corpus" and is now "another"; resume with what/,
    );
    const recipe = { ...defaultRecipe, layers: 7 };
    await expect(resume({ ...IDENTITY, recipe })).rejects.toThrow(/: recipe\.layers was 2 and is now 7; /);
  });
});

describe('a run that is resumed', () => {
  it('says when another Lacuna, Node or ONNX Runtime began it', async () => {
    await begun();
    await edit('run.json', `"node": "${process.version}"`, '"node": "v1.2.3"');
    const told: string[] = [];
    await resume(IDENTITY, (event) => event.type === 'stage' && told.push(event.detail));
    expect(told).toEqual([
      `node was "v1.2.3" and is now "${process.version}": the run goes on, but perhaps not with the same bits`,
      'no intact checkpoint: from the beginning',
    ]);
  });
});

describe('a run that fails', () => {
  const failed = async (error: Error, act: () => Promise<void> = async () => undefined) => {
    const session = await RunSession.open(options());
    await session.begin(IDENTITY, { steps: 3 }, () => undefined);
    await act();
    await session.fail(error);
  };

  it('says why in its journal, and gives its directory back', async () => {
    await failed(new FileError('the disk is gone'));
    const journal = await readJournal(runFile('journal.jsonl'));
    expect(journal.at(-1)).toMatchObject({ what: 'failed', detail: 'the disk is gone' });
    await (await RunSession.open(resumed())).close();
  });

  it('is closed also where its journal can no longer be written', async () => {
    await failed(new FileError('the disk is gone'), async () => {
      await rm(runFile('journal.jsonl'));
      await mkdir(runFile('journal.jsonl'));
    });
    expect(await readdir(`${out}.run`)).not.toContain('lock');
  });

  it('leaves nothing when it was interrupted before its first step', async () => {
    await failed(new LacunaError('interrupted', 'before the first step'));
    expect(await readdir(root)).toEqual([]);
  });
});
