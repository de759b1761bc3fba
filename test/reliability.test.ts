import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeTensorBoardScalars } from '../src/formats/index.js';
import { train } from '../src/index.js';
import { readEvents } from '../src/runs/index.js';
import { lacuna, start, startLacuna } from './command.js';
import { checkpointsOf, lastLine, SmallRuns, STEPS, TINY } from './small-runs.js';

const harness = (name: string, ...args: string[]) => {
  const path = fileURLToPath(new URL(`../bench/reliability/${name}.mjs`, import.meta.url));
  return start(process.execPath, [path, ...args]).finished;
};

let runs: SmallRuns;
let root: string;
let corpus: string;
let reference: string;
beforeAll(async () => {
  runs = await SmallRuns.make();
  ({ root, corpus, reference } = runs);
});
afterAll(() => runs.remove());

const killed = (name: string) => runs.killed(name);
const expectSame = (out: string) => runs.expectSame(out);

describe('a run that was killed', () => {
  it('goes on bit for bit, from the command line alone', async () => {
    const out = await killed('killed');
    const resumed = await lacuna('train', '--resume', `${out}.run`);
    expect(resumed.stderr).toMatch(/^resume +from step (8|12|16|20|24)$/m);
    expect(resumed.status).toBe(0);
    await expectSame(out);
    const again = await lacuna('train', '--resume', `${out}.run`);
    expect(lastLine(again)).toMatch(/^lacuna: the run in .* is finished and its model is /);
    expect(again.status).toBe(2);
  });

  it('many times, at random instants, also inside checkpoint writing', async () => {
    const killing = await harness('kill', '--runs', '2', '--seed', '3');
    expect(killing.stdout).toContain('2 of 2 runs bit-identical');
    expect(killing.status).toBe(0);
  });

  it('skips a damaged checkpoint, and says so', async () => {
    const out = await killed('damaged');
    const newest = (await checkpointsOf(out)).filter((name) => name.startsWith('step-')).at(-1) ?? '';
    const state = join(`${out}.run`, 'checkpoints', newest, 'state.safetensors');
    const bytes = await readFile(state);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 1;
    await writeFile(state, bytes);
    const resumed = await lacuna('train', '--out', out, '--resume');
    expect(resumed.stderr).toMatch(
      new RegExp(`notice .*${newest}' is damaged and skipped: state.safetensors: its checksum is wrong`),
    );
    expect(resumed.stderr).toMatch(/^resume +from step \d+$/m);
    await expectSame(out);
  });

  it('is not replaced by another one unless told to', async () => {
    const out = await killed('kept');
    const refused = await lacuna('train', corpus, '--out', out, ...STEPS, ...TINY);
    expect(lastLine(refused)).toMatch(/holds a run that is not finished; go on with it by --resume/);
    expect(refused.status).toBe(1);
    expect((await lacuna('train', corpus, '--out', out, '--overwrite', ...STEPS, ...TINY)).status).toBe(0);
    await expectSame(out);
  });
});

describe('saving', () => {
  // A part of what bench/reliability does in full; a seed chooses which.
  it('bears a crash, a full disk and a failing device at any thing done to the disk', async () => {
    const { stdout, status } = await harness('crash-points', '--every', '9', '--seed', '3');
    expect(stdout).toMatch(/^1\d crashes, each found in 7 ways, and 3\d errors: 0 problems$/m);
    expect(status).toBe(0);
  });

  it('can tell a damaged byte, and a file that was cut short, wherever it is', async () => {
    const { stdout, status } = await harness('damage', '--flips', '40', '--seed', '3');
    const [, noticed, all] =
      /^(\d+) of (\d+) damages noticed, the checkpoint before taken$/m.exec(stdout) ?? [];
    expect(noticed).toBe(all);
    expect(Number(all)).toBeGreaterThan(400);
    expect(status).toBe(0);
  });
});

describe('a finished run', () => {
  it('is repeated by its configuration', async () => {
    const out = join(root, 'repeated');
    const config = join(`${reference}.run`, 'lacuna.config.json');
    const repeated = await lacuna('train', '--config', config, '--out', out);
    expect(repeated.stderr).toContain(`config     ${config}`);
    expect(repeated.status).toBe(0);
    await expectSame(out);
  });

  it('is repeated by its configuration also where it had a budget of time', async () => {
    const [timed, again] = [runs.out('timed'), runs.out('timed-again')];
    expect((await lacuna('train', corpus, '--out', timed, '--budget', '1s', ...TINY)).status).toBe(0);
    const config = join(`${timed}.run`, 'lacuna.config.json');
    expect((await lacuna('train', '--config', config, '--out', again)).status).toBe(0);
    await runs.expectSame(again, timed);
  });

  it('tells the same in its event log, to TensorBoard and on the terminal', async () => {
    const events = await readEvents(join(`${reference}.run`, 'events.jsonl'));
    const steps = events.filter((event) => event.type === 'step');
    expect(steps).toHaveLength(24);
    const directory = join(`${reference}.run`, 'tensorboard');
    const [file = ''] = await readdir(directory);
    const shown = decodeTensorBoardScalars(await readFile(join(directory, file)), file);
    const isSpeed = ({ scalars }: (typeof shown)[number]) => 'speed/tokens_per_second' in scalars;
    expect(shown.filter(isSpeed).map(({ step }) => step)).toEqual([4, 8, 12, 16, 20, 24]);
    expect(shown.filter((each) => !isSpeed(each))).toEqual(
      steps.map(({ step, lossNats, accuracy, gradientNorm, learningRate }) => ({
        step,
        scalars: {
          'train/loss': lossNats,
          'train/masked_accuracy': accuracy,
          'train/gradient_norm': gradientNorm,
          'train/learning_rate': Math.fround(learningRate),
        },
      })),
    );
    const smoothed = steps.reduce(
      (sum, { lossNats }) => sum + 0.05 * (lossNats - sum),
      steps[0]?.lossNats ?? 0,
    );
    expect(runs.printed).toContain(`step 24    loss ${smoothed.toFixed(3)} nats `);
    const { gradientNorm = 0, learningRate = 0 } = steps.at(-1) ?? {};
    expect(runs.printed).toContain(
      `learning rate ${learningRate.toExponential(1)}  gradient ${gradientNorm.toFixed(2)} `,
    );
    const table = await lacuna('runs', 'show', `${reference}.run`, '--json');
    const mean = steps.reduce((sum, { lossNats }) => sum + lossNats, 0) / steps.length;
    const expected = { status: 'finished', steps: '24', 'training loss': mean.toFixed(4) };
    expect(JSON.parse(table.stdout)).toMatchObject(expected);
  });

  it('is listed, shown and compared', async () => {
    const list = await lacuna('runs', 'list', root);
    expect(list.stdout).toMatch(/reference\.run +finished +24 /);
    const report = join(root, 'report.html');
    const run = `${reference}.run`;
    const compared = await lacuna(
      'runs',
      'compare',
      run,
      run,
      '--curve',
      'learning-rate',
      '--report',
      report,
    );
    expect(compared.stdout).toContain('beside reference: the same in all that their numbers depend on');
    expect(compared.stdout).toMatch(/learning rate\n.*│.*[\u2801-\u28ff]/);
    expect(await readFile(report, 'utf8')).toMatch(/^<!doctype html>.*<svg /s);
    expect(lastLine(await lacuna('runs', 'show', root))).toMatch(/is not a run directory/);
    const picture = await lacuna('runs', 'show', run, '--report', join(root, 'report.png'));
    expect(lastLine(picture)).toMatch(
      /^lacuna: --report '.*\.png': expected a name that ends in \.html or \.svg$/,
    );
    expect(picture.status).toBe(2);
  });
});

describe('a run is not resumed', () => {
  let out: string;
  beforeAll(async () => {
    out = await killed('refused');
  });

  const refusal = async (...args: string[]) => {
    const before = await checkpointsOf(out);
    const finished = await lacuna('train', ...args, '--out', out, '--resume');
    expect(finished.status).toBe(2);
    expect(await checkpointsOf(out)).toEqual(before);
    return lastLine(finished);
  };

  it('with another corpus', async () => {
    const changed = join(root, 'changed');
    await cp(corpus, changed, { recursive: true });
    await writeFile(join(changed, '7.txt'), 'w1 w2 w3 is another text.');
    expect(await refusal(changed)).toMatch(
      /^lacuna: cannot resume the run .*: corpus was "\w+" and is now "\w+"; /,
    );
  });

  it('with another configuration, seed or number of steps', async () => {
    expect(await refusal('--layers', '2')).toMatch(/: recipe\.layers was 1 and is now 2; /);
    expect(await refusal('--seed', '5')).toMatch(/: seed was 0 and is now 5; /);
    expect(await refusal('--steps', '30')).toMatch(/--steps 30: the run was begun with 24/);
  });

  it('with another tokenizer', async () => {
    const path = join(`${out}.run`, 'tokenizer.json');
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replace('w1', 'x1'));
    expect(await refusal()).toMatch(/tokenizer\.json' is not the tokenizer that the run began with/);
    await writeFile(path, text);
    expect((await lacuna('train', '--out', out, '--resume')).status).toBe(0);
    await expectSame(out);
  });
});

describe('a run in trouble', () => {
  it('refuses a second one into its directory, by its pid', async () => {
    const out = join(root, 'locked');
    const first = startLacuna(['train', corpus, '--out', out, '--budget', '10m', ...TINY]);
    await first.seen('checkpoint step');
    const second = await lacuna('train', corpus, '--out', out, ...STEPS, ...TINY);
    expect(lastLine(second)).toContain(`.run' is in use by process ${first.child.pid} on `);
    expect(second.status).toBe(1);
    first.child.kill('SIGTERM');
    const { status, stderr } = await first.finished;
    expect(status).toBe(143);
    expect(stderr).toMatch(/go on from step \d+ with: lacuna train --resume .*locked\.run/);
    expect(await readdir(`${out}.run`)).not.toContain('lock');
    const resumed = await lacuna('train', '--resume', `${out}.run`, '--budget', '1s');
    expect(resumed.stderr).toMatch(/^resume +from step \d+$/m);
    expect(resumed.status).toBe(0);
  });

  it('stops early and saves the best model by held-out loss', async () => {
    const out = join(root, 'early-stop');
    const sizes = { vocabSize: 150, sequenceLength: 16, layers: 1, hidden: 32, heads: 2, feedForward: 32 };
    const watch = { evalEvery: 4, patience: 2, keepCheckpoints: 1 };
    const result = await train({ paths: [corpus], out, steps: 2000, learningRate: 0.3, ...sizes, ...watch });
    const events = await readEvents(join(`${out}.run`, 'events.jsonl'));
    expect(events.at(-1)).toMatchObject({ type: 'end', reason: 'early-stop' });
    const evaluations = events.filter((event) => event.type === 'evaluation');
    const losses = evaluations.map(({ lossNats }) => lossNats);
    expect(evaluations.slice(-2).map(({ best }) => best)).toEqual([false, false]);
    expect(evaluations.at(-3)?.best).toBe(true);
    expect(result.heldOut.lossNats).toBe(Math.min(...losses));
    expect(result.interrupted).toBe(false);
    const best = `step-${String(evaluations.at(-3)?.step).padStart(9, '0')}`;
    expect(await checkpointsOf(out)).toContain(best);
  });

  it('goes back with lower rates when it diverges, and ends when that does not help', async () => {
    const out = join(root, 'diverged');
    const sizes = { vocabSize: 150, sequenceLength: 16, layers: 1, hidden: 16, heads: 2, feedForward: 16 };
    const notices: string[] = [];
    const running = train({
      ...{ paths: [corpus], out, steps: 200, learningRate: 1e30, ...sizes },
      onEvent: (event) => event.type === 'stage' && event.stage === 'notice' && notices.push(event.detail),
    });
    await expect(running).rejects.toThrow(/training diverges: .*not finite, after 4 rewinds/);
    expect(notices).toHaveLength(4);
    expect(notices[1]).toMatch(/not finite: back to step 0 with 0\.25 of the learning rate/);
    expect(await readFile(join(`${out}.run`, 'events.jsonl'), 'utf8')).toMatch(/"type":"rewind"/);
  });
});
