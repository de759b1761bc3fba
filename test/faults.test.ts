import { chmod, readdir, readFile, rename, truncate, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readEvents } from '../src/runs/index.js';
import { lacuna, MAIN, start, startLacuna } from './command.js';
import { checkpointsOf, lastLine, SmallRuns, TINY } from './small-runs.js';

let runs: SmallRuns;
beforeAll(async () => {
  runs = await SmallRuns.make();
});
afterAll(() => runs.remove());

const WORKER = fileURLToPath(new URL('../dist/runtime/worker.js', import.meta.url));

/** A module that changes what the training program is fed: `change` sees the feeds and the number of the call, from 1. */
const feeding = (change: string) => `
  import { isMainThread } from 'node:worker_threads';
  import { createRequire } from 'node:module';
  if (!isMainThread) {
    const { InferenceSession } = createRequire(${JSON.stringify(WORKER)})('onnxruntime-node');
    const { run } = InferenceSession.prototype;
    let call = 0;
    InferenceSession.prototype.run = async function (feeds, ...rest) {
      if (feeds.labels) { call++; ${change} }
      return run.call(this, feeds, ...rest);
    };
  }`;

/** A module that sends its own process a signal in the moment in which it prints a stage. */
const signalling = (stage: string, signal: NodeJS.Signals) => `
  import { isMainThread } from 'node:worker_threads';
  if (isMainThread) {
    const write = process.stderr.write;
    let sent = false;
    process.stderr.write = function (text, ...rest) {
      const printed = write.call(this, text, ...rest);
      if (!sent && String(text).startsWith(${JSON.stringify(stage)})) {
        sent = true;
        process.kill(process.pid, ${JSON.stringify(signal)});
      }
      return printed;
    };
  }`;

/** A module that does something in the moment in which the second checkpoint of a run has been renamed into its place. */
const atCheckpoint = (name: string, action: string) => `
  import fs from 'node:fs';
  import { syncBuiltinESMExports } from 'node:module';
  import { isMainThread } from 'node:worker_threads';
  if (isMainThread) {
    const { rename } = fs.promises;
    fs.promises.rename = async (from, to) => {
      await rename(from, to);
      if (!to.endsWith(${JSON.stringify(join(`${name}.run`, 'checkpoints', 'step-000000008'))})) return;
      ${action}
    };
    syncBuiltinESMExports();
  }`;

describe('a disk that is full', () => {
  it.runIf(process.platform === 'linux')('leaves the last checkpoint as it was', async () => {
    const out = await runs.killed('full');
    const before = await checkpointsOf(out);
    // A limit of 64 KiB a file: logs and manifests fit, the state does not, as on a full disk.
    const limited = `ulimit -f 64; exec "${process.execPath}" "${MAIN}" train --resume "${out}.run"`;
    const failed = await start('bash', ['-c', limited]).finished;
    expect(lastLine(failed)).toMatch(
      /cannot write the checkpoint '.*': (the file would be too large|no space left)/,
    );
    expect(failed.status).toBe(1);
    expect(await checkpointsOf(out)).toEqual(before.filter((name) => name.startsWith('step-')));
    expect((await runs.resume('full')).status).toBe(0);
    await runs.expectSame(out);
  });

  it.runIf(process.platform === 'linux')('is named when a log can no longer grow', async () => {
    const journal = join(`${runs.out('full-log')}.run`, 'journal.jsonl');
    const [path, saved] = [JSON.stringify(journal), JSON.stringify(`${journal}.saved`)];
    // Every write to /dev/full fails as on a full disk.
    const source = atCheckpoint(
      'full-log',
      `fs.renameSync(${path}, ${saved}); fs.symlinkSync('/dev/full', ${path});`,
    );
    const failed = await runs.preloaded('full-log', source).finished;
    expect(lastLine(failed)).toMatch(/^lacuna: cannot write the journal '.*': no space left on the device; /);
    expect(failed.status).toBe(1);
    expect(await readdir(`${runs.out('full-log')}.run`)).not.toContain('lock');
    expect(await checkpointsOf(runs.out('full-log'))).toEqual(['step-000000004', 'step-000000008']);
    await rename(`${journal}.saved`, journal);
    expect((await runs.resume('full-log')).stderr).toMatch(/^resume +from step 8$/m);
    await runs.expectSame(runs.out('full-log'));
  });
});

describe('a directory that cannot be written', () => {
  // What no user may write into, not even the administrator.
  const FORBIDDEN: Partial<Record<NodeJS.Platform, string>> = { darwin: '/System', win32: 'C:\\nul' };

  it('is refused before the corpus is read', async () => {
    const out = join(FORBIDDEN[process.platform] ?? '/sys', 'model');
    const refused = await lacuna('train', runs.corpus, '--out', out, '--steps', '8', ...TINY);
    expect(refused.stderr).toMatch(/^lacuna: cannot (write the model directory|create) '.*model'.*: .+\n$/);
    expect(refused.status).toBe(1);
  });

  it.runIf(process.platform !== 'win32')(
    'in the middle of a run ends it, with its checkpoints whole',
    async () => {
      const directory = `${runs.out('read-only')}.run`;
      const closed = [join(directory, 'checkpoints'), directory];
      // To the administrator modes mean nothing, so the process gives that right up, too.
      const source = atCheckpoint(
        'read-only',
        `for (const path of ${JSON.stringify(closed)}) fs.chmodSync(path, 0o555);
         if (process.getuid() === 0) process.seteuid(65534);`,
      );
      const failed = await runs.preloaded('read-only', source).finished;
      expect(lastLine(failed)).toMatch(
        /cannot (write the (checkpoint|journal)|remove) '.*': permission denied$/,
      );
      expect(failed.status).toBe(1);
      for (const path of closed) await chmod(path, 0o755);
      expect(await checkpointsOf(runs.out('read-only'))).toEqual(['step-000000004', 'step-000000008']);
      expect((await runs.resume('read-only')).status).toBe(0); // the lock of the dead process is taken over
      await runs.expectSame(runs.out('read-only'));
    },
  );
});

describe('a damaged checkpoint', () => {
  const state = 'state.safetensors';
  const flip = async (path: string) => {
    const bytes = await readFile(path);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 1;
    await writeFile(path, bytes);
  };
  const damages: [string, (checkpoint: string) => Promise<void>, RegExp][] = [
    ['byte flipped', (path) => flip(join(path, state)), /state\.safetensors: its checksum is wrong/],
    ['truncated', (path) => truncate(join(path, state), 5000), /expected \d+ bytes, got 5000/],
    ['manifest flipped', (path) => flip(join(path, 'manifest.json')), /manifest\.json: /],
    ['manifest missing', (path) => unlink(join(path, 'manifest.json')), /a file of it is missing/],
    ['state missing', (path) => unlink(join(path, state)), /a file of it is missing/],
  ];
  it.each(damages)('(%s) is reported and passed over', async (name, damage, problem) => {
    const out = await runs.killed(name.replace(' ', '-'));
    const names = (await checkpointsOf(out)).filter((each) => each.startsWith('step-'));
    const newest = names.at(-1) as string;
    await damage(join(`${out}.run`, 'checkpoints', newest));
    const resumed = await runs.resume(name.replace(' ', '-'));
    const [, told = ''] =
      /^notice +the checkpoint '.*(step-\d+' is damaged and skipped: .*)$/m.exec(resumed.stderr) ?? [];
    expect(told).toMatch(new RegExp(`^${newest}`));
    expect(told).toMatch(problem);
    expect(resumed.stderr).toMatch(new RegExp(`^resume +from step ${Number(names.at(-2)?.slice(5))}$`, 'm'));
    expect(resumed.status).toBe(0);
    await runs.expectSame(out);
  });

  it('with no other left begins again, and says so', async () => {
    const out = await runs.killed('all-damaged');
    for (const name of (await checkpointsOf(out)).filter((each) => each.startsWith('step-'))) {
      await flip(join(`${out}.run`, 'checkpoints', name, state));
    }
    const resumed = await runs.resume('all-damaged');
    expect(resumed.stderr).toMatch(/^resume +no intact checkpoint: from the beginning$/m);
    await runs.expectSame(out);
  });

  it('is no reason to stop when it is the event log that was changed', async () => {
    const out = await runs.killed('log-changed');
    await writeFile(join(`${out}.run`, 'events.jsonl'), 'something else\n');
    const resumed = await runs.resume('log-changed');
    expect(resumed.stderr).toMatch(/^notice .*events\.jsonl' was changed since the checkpoint: it goes on/m);
    const model = join(out, 'model.safetensors');
    expect(await readFile(model)).toEqual(await readFile(join(runs.reference, 'model.safetensors')));
  });
});

describe('numbers that are not finite', () => {
  const eventsOf = (name: string) => readEvents(join(`${runs.out(name)}.run`, 'events.jsonl'));

  it.each([
    // One weight of one masked token: its loss, and through it every gradient; or gradients too large for float32.
    ['a loss', 'NaN', { lossNats: 'NaN', gradientNorm: 'NaN' }],
    ['a gradient', '1e30', { lossNats: expect.stringMatching(/^\d.*e\+30$/), gradientNorm: 'Infinity' }],
  ])('are skipped: %s in one step', async (what, weight, numbers) => {
    const name = what.replace('a ', 'one-');
    const source = feeding(`if (call === 10) feeds.weights.data[3] = ${weight};`);
    expect((await runs.preloaded(name, source).finished).status).toBe(0);
    const events = await eventsOf(name);
    expect(events.filter(({ type }) => type === 'skip')).toEqual([{ type: 'skip', step: 10, ...numbers }]);
    const steps = events.flatMap((event) => (event.type === 'step' ? [event.step] : []));
    expect(steps).toEqual(Array.from({ length: 24 }, (_, index) => index + 1).filter((step) => step !== 10));
    expect(events.at(-1)).toMatchObject({ type: 'end', step: 24, reason: 'budget' });
  });

  it('five times in a row take the run back to its last checkpoint, with half the rate, and say so', async () => {
    const source = feeding('if (call >= 10 && call < 15) feeds.weights.data.fill(Infinity);');
    const { status, stderr } = await runs.preloaded('rewound', source).finished;
    expect(stderr).toMatch(
      /^notice +5 steps in a row had a loss or gradient that is not finite: back to step 8 with 0\.5 of the learning rate$/m,
    );
    expect(status).toBe(0);
    const events = await eventsOf('rewound');
    const rewind = events.findIndex(({ type }) => type === 'rewind');
    expect(events[rewind]).toMatchObject({ toStep: 8, rateScale: 0.5 });
    const rates = events.flatMap((event) =>
      event.type === 'step' && event.step === 9 ? [event.learningRate] : [],
    );
    expect(rates[1]).toBeCloseTo((rates[0] as number) / 2, 12);
    expect(events.at(-1)).toMatchObject({ type: 'end', step: 24 });
  });

  it('without end end the run, which goes on from its last checkpoint when their cause is gone', async () => {
    const source = feeding('if (call >= 10) feeds.weights.data.fill(NaN);');
    const failed = await runs.preloaded('hopeless', source).finished;
    expect(lastLine(failed)).toMatch(
      /training diverges: 5 steps in a row .* after 4 rewinds .*--learning-rate$/,
    );
    expect(failed.status).toBe(1);
    const resumed = await runs.resume('hopeless');
    expect(resumed.stderr).toMatch(/^resume +from step 8$/m);
    await runs.expectSame(runs.out('hopeless'));
  });

  it('are not needed: a loss that stays tenfold does the same, from before it began', async () => {
    const long = ['--steps', '100', ...TINY];
    const source = feeding(
      'if (call > 70 && call <= 100) feeds.weights.data.forEach((each, at, all) => { all[at] = 10 * each; });',
    );
    const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(source)}`;
    const args = ['train', runs.corpus, '--out', runs.out('spike'), ...long];
    const { status, stderr } = await startLacuna(args, { env: { NODE_OPTIONS } }).finished;
    expect(status).toBe(0);
    expect(stderr).toMatch(
      /^notice +20 steps in a row had a loss far above the usual \d\.\d\d nats, the last \d\d\.\d\d: back to step 68 with 0\.5 /m,
    );
  });
});

describe('memory that runs out', () => {
  it('is explained with what to change', async () => {
    // Attention scores of 64 GiB, where a process may have 40 at most.
    const sizes = ['--sequence-length', '8192', '--batch-size', '128', '--micro-batch-size', '128'];
    const model = [
      '--vocab-size',
      '150',
      '--layers',
      '1',
      '--heads',
      '2',
      '--hidden',
      '8',
      '--feed-forward',
      '8',
    ];
    const args = ['train', runs.corpus, '--out', runs.out('large'), '--steps', '3', ...sizes, ...model];
    const command = [process.execPath, MAIN, ...args].map((each) => `"${each}"`).join(' ');
    const failed = await start('bash', ['-c', `ulimit -v 40000000; exec ${command}`]).finished;
    expect(lastLine(failed)).toMatch(
      /^lacuna: ONNX Runtime: there is too little memory; lower the micro-batch size, the sequence length, /,
    );
    expect(failed.stderr).not.toContain('[E:onnxruntime'); // said once
    expect(failed.status).toBe(1);
  });
});

describe('a signal', () => {
  it.each<[string, NodeJS.Signals, number]>([
    ['read', 'SIGTERM', 143],
    ['tokenizer', 'SIGINT', 130],
    ['encode', 'SIGTERM', 143],
    ['baselines', 'SIGTERM', 143],
    ['initialise', 'SIGINT', 130],
    ['train', 'SIGTERM', 143],
  ])(
    'before the first step (%s, %s) leaves nothing, not even in the way of the next run',
    async (stage, signal, status) => {
      const name = `early-${stage}`;
      const ended = await runs.preloaded(name, signalling(stage, signal)).finished;
      expect(lastLine(ended)).toBe('lacuna: interrupted before the first step: nothing saved');
      expect(ended.status).toBe(status);
      expect((await readdir(runs.root)).filter((each) => each.includes(name))).toEqual([]);
      if (stage !== 'train') return;
      expect((await runs.train(name)).status).toBe(0);
      await runs.expectSame(runs.out(name));
    },
  );

  it.each<[string, NodeJS.Signals, number]>([
    ['step 4', 'SIGINT', 0],
    ['checkpoint step 8', 'SIGTERM', 143],
  ])('in training (%s) saves a model, and prints what goes on', async (moment, signal, status) => {
    const name = `signalled-${signal}`;
    const ended = await runs.preloaded(name, signalling(moment, signal)).finished;
    expect(ended.status).toBe(status);
    const [, command = ''] = /go on from step \d+ with: lacuna (.*)$/m.exec(ended.stderr) ?? [];
    expect(command).toBe(`train --resume ${runs.out(name)}.run`);
    expect((await lacuna('fill', 'w1 [MASK] w3', '--model', runs.out(name))).status).toBe(0);
    expect((await lacuna(...command.split(' '))).status).toBe(0);
    await runs.expectSame(runs.out(name));
  });

  it.each(['evaluate', 'save'])('after the last step (%s) saves the finished model', async (stage) => {
    const ended = await runs.preloaded(`late-${stage}`, signalling(stage, 'SIGTERM')).finished;
    expect(ended.status).toBe(143);
    await runs.expectSame(runs.out(`late-${stage}`));
  });

  it('a second time stops at once, and the run goes on from its last checkpoint', async () => {
    const hangs = feeding('if (call > 9) await new Promise(() => setInterval(() => undefined, 1000));');
    const running = runs.preloaded('twice', hangs);
    await running.seen('checkpoint step 8');
    running.child.kill('SIGINT');
    await running.seen('interrupted: finishing the step and saving; once more stops at once');
    // Signals of the same key press do not count.
    await new Promise((resolve) => setTimeout(resolve, 700));
    running.child.kill('SIGINT');
    expect((await running.finished).signal).toBe('SIGINT');
    const resumed = await runs.resume('twice');
    expect(resumed.stderr).toMatch(/^resume +from step 8$/m);
    await runs.expectSame(runs.out('twice'));
  });
});

describe('around a run', () => {
  it('a clock that jumps has no effect', async () => {
    const jumps = `const now = Date.now; let calls = 0; Date.now = () => now() + (++calls % 2 ? -3e10 : 3e10);`;
    expect((await runs.preloaded('clock', jumps).finished).status).toBe(0);
    await runs.expectSame(runs.out('clock'));
  });

  it('a worker that crashes ends it with an error; it goes on from its last checkpoint', async () => {
    const due = join(`${runs.out('crashed')}.run`, 'checkpoints', 'step-000000008');
    const crash = `
      import { isMainThread } from 'node:worker_threads';
      import { existsSync } from 'node:fs';
      if (!isMainThread) setInterval(() => existsSync(${JSON.stringify(due)}) && process.exit(7), 1);`;
    const crashed = await runs.preloaded('crashed', crash).finished;
    expect(lastLine(crashed)).toMatch(/the runtime worker ended with status 7/);
    expect(crashed.status).toBe(1);
    expect((await runs.resume('crashed')).status).toBe(0);
    await runs.expectSame(runs.out('crashed'));
  });
});
