// Stops the machine at each write, fsync, rename, creation and removal of saving, and fails each of them with ENOSPC and
// EIO. After a crash, whatever of the things not synced is found (all, nothing, names without bytes, random parts): the
// checkpoint before or the new one must load, bit for bit, with its event log. After an error the run must be able to go
// on, with nothing left behind. Usage: node bench/reliability/crash-points.mjs [--every 1] [--seed 0] [--verbose]
import { deepStrictEqual } from 'node:assert';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Crash, CrashDisk, SURVIVAL } from './crash-disk.mjs';

const built = (path) => import(new URL(`../../dist/${path}`, import.meta.url));
const { RandomPurpose, RandomStream, LacunaError } = await built('core/index.js');
const { isLeftover, recoverReplaced, writeDirectory, writeDurably, writeInPlace } =
  await built('files/index.js');
const { Checkpoints, EventLog, HeldDirectory } = await built('runs/index.js');
const { values: flags } = parseArgs({
  options: {
    every: { type: 'string', default: '1' },
    seed: { type: 'string', default: '0' },
    verbose: { type: 'boolean', default: false },
  },
});
const every = Number(flags.every);
const random = new RandomStream(Number(flags.seed), RandomPurpose.sampling);
/** What is found after a crash is tried so many times where it is random. */
const RANDOM_SURVIVALS = 4;
const TYPES = [
  { name: 'weight', dtype: 'float32', shape: [3, 5] },
  { name: 'steps', dtype: 'int64', shape: [] },
];
const STEPS = [10, 20, 30, 40];

async function* stateOf(seed) {
  const numbers = new RandomStream(seed, RandomPurpose.sampling);
  const data = Float32Array.from({ length: 15 }, () => numbers.nextNormal());
  yield ['weight', { dtype: 'float32', shape: [3, 5], data }];
  yield ['steps', { dtype: 'int64', shape: [], data: BigInt64Array.of(BigInt(seed)) }];
}

const manifestOf = (step, events) => ({
  formatVersion: 1,
  createdAt: new Date(0).toISOString(),
  ...{ step, elapsedMs: step, rateScale: 1, budgetMs: null, plan: [], events, threads: 1 },
  watch: {
    guard: { mean: null, variance: 0, seen: 0, skippedInARow: 0, highInARow: 0, skipped: 0 },
    ...{ rewinds: 0, best: null, sinceBest: 0 },
  },
  versions: { lacuna: '0', node: '0', onnxruntime: '0' },
});

async function collect(tensors) {
  const values = [];
  for await (const [name, { data }] of tensors) values.push([name, data]);
  return values;
}

const checkpointsIn = (root) => new Checkpoints(join(root, 'model.run', 'checkpoints'), TYPES, 'this run');

/** What a scenario has finished, and what it was about to: the two outcomes that are allowed. */
const SCENARIOS = {
  /** A run that writes checkpoints and keeps two, and in the end one of the same step once more. */
  checkpoints: {
    async act(root, progress) {
      const held = await HeldDirectory.take(join(root, 'model.run'));
      try {
        const checkpoints = checkpointsIn(root);
        const { log } = EventLog.open(join(root, 'model.run', 'events.jsonl'));
        try {
          for (const [index, seed] of [...STEPS, STEPS.at(-1) + 1].entries()) {
            const step = STEPS[index] ?? STEPS.at(-1);
            progress.next = seed;
            log.append([{ type: 'skip', step, lossNats: 'NaN', gradientNorm: 'NaN' }]);
            await checkpoints.write(manifestOf(step, log.sync()), stateOf(seed));
            progress.done = seed;
            await checkpoints.retain(2, undefined);
          }
        } finally {
          log.close();
        }
      } finally {
        await held.release();
      }
    },
    async found(root) {
      const checkpoints = checkpointsIn(root);
      await checkpoints.sweep();
      const { intact } = await checkpoints.newestIntact();
      if (!intact) return undefined;
      const state = await collect(checkpoints.read(intact));
      const { log, isIntact } = EventLog.open(
        join(root, 'model.run', 'events.jsonl'),
        intact.manifest.events,
      );
      log.close();
      if (!isIntact) throw new Error('the event log lost what the checkpoint counts on');
      const seed = Number(state[1][1][0]);
      deepStrictEqual(state, await collect(stateOf(seed)));
      return seed;
    },
  },
  /** A model directory that is written, and replaced. */
  'model directory': {
    async act(root, progress) {
      for (const content of [1, 2, 3]) {
        progress.next = content;
        await writeDirectory(join(root, 'model'), async (directory) => {
          for (const name of ['config.json', 'model.safetensors'])
            await writeDurably(join(directory, name), Buffer.from(`${name} ${content}`));
        });
        progress.done = content;
      }
    },
    async found(root) {
      await recoverReplaced(join(root, 'model'));
      if (!readdirSync(root).includes('model')) return undefined;
      const texts = readdirSync(join(root, 'model')).map((name) =>
        readFileSync(join(root, 'model', name), 'utf8'),
      );
      const content = texts[0]?.split(' ')[1];
      deepStrictEqual(texts.sort(), [`config.json ${content}`, `model.safetensors ${content}`]);
      return Number(content);
    },
  },
  /** A file that is written, and replaced. */
  file: {
    async act(root, progress) {
      for (const content of [1, 2, 3]) {
        progress.next = content;
        await writeInPlace(join(root, 'lacuna.config.json'), `${content}`);
        progress.done = content;
      }
    },
    async found(root) {
      const path = join(root, 'lacuna.config.json');
      return readdirSync(root).includes('lacuna.config.json')
        ? Number(readFileSync(path, 'utf8'))
        : undefined;
    },
  },
};

/** Acts on a disk of its own; gives the disk, how far it came, and the error that ended it. */
async function attempt({ act }, fault) {
  const root = mkdtempSync(join(tmpdir(), 'lacuna-crash-'));
  const disk = new CrashDisk(root, fault);
  const progress = { done: undefined, next: undefined };
  disk.install();
  let error;
  try {
    await act(root, progress);
  } catch (caught) {
    error = caught;
  } finally {
    disk.remove();
  }
  return { root, disk, progress, error };
}

const isCrash = (error) => error instanceof Crash || error?.cause instanceof Crash;
const problems = [];
const problem = (...words) => {
  problems.push(words.join(' '));
  if (flags.verbose) console.log(problems.at(-1));
};

async function crashAt(name, scenario, at) {
  const { root, disk, progress, error } = await attempt(scenario, { at });
  if (!isCrash(error)) problem(name, at, 'the crash did not end it:', String(error));
  const where = `${name}: crash at ${at}, ${disk.done.at(-1)}`;
  const survivals = [...SURVIVAL, ...Array(RANDOM_SURVIVALS - 1).fill('random')];
  for (const [index, how] of survivals.entries()) {
    const target = join(root, `found-${index}`);
    mkdirSync(target);
    disk.survive(target, how, random);
    try {
      const found = await scenario.found(target);
      if (found !== progress.done && found !== progress.next) {
        problem(where, `(${how}): expected ${progress.done} or ${progress.next}, found ${found}`);
      }
    } catch (cause) {
      problem(where, `(${how}):`, cause.message);
    }
  }
  rmSync(root, { recursive: true });
  return survivals.length;
}

const leftovers = (root) =>
  readdirSync(root, { recursive: true }).filter((path) => isLeftover(path.split('/').at(-1)));

async function failAt(name, scenario, at, fault) {
  const { root, disk, progress, error } = await attempt(scenario, { at, fault });
  const what = disk.done[at - 1];
  const where = `${name}: ${fault} at ${at}, ${what}`;
  if (error && !(error instanceof LacunaError) && error.code !== fault) problem(where, String(error));
  const left = leftovers(root);
  if (left.length > 0 && !what.startsWith('rm ')) problem(where, `left ${left}`);
  try {
    const found = await scenario.found(root);
    if (found !== progress.done && found !== progress.next) problem(where, `found ${found}`);
    await scenario.act(root, progress);
    if ((await scenario.found(root)) !== progress.next) problem(where, 'did not go on');
  } catch (cause) {
    problem(where, 'did not go on:', cause.message);
  }
  rmSync(root, { recursive: true });
}

const tried = { crashes: 0, survivals: 0, errors: 0 };
for (const [name, scenario] of Object.entries(SCENARIOS)) {
  const { root, disk, error } = await attempt(scenario, {});
  rmSync(root, { recursive: true });
  if (error) throw error;
  const offset = every > 1 ? random.nextInt(every) : 0;
  for (let at = 1 + offset; at <= disk.count; at += every) {
    tried.crashes++;
    tried.survivals += await crashAt(name, scenario, at);
    for (const fault of ['ENOSPC', 'EIO']) {
      tried.errors++;
      await failAt(name, scenario, at, fault);
    }
  }
  console.log(`${name}: ${disk.count} things done to the disk`);
}
const summary = `${tried.crashes} crashes, each found in ${SURVIVAL.length - 1 + RANDOM_SURVIVALS} ways, and ${tried.errors} errors`;
for (const each of problems) console.log(each);
console.log(`${summary}: ${problems.length} problems`);
process.exitCode = problems.length > 0 ? 1 : 0;
