// Kills training by SIGKILL at random instants, resumes it to the end, and compares weights and event log bit for bit
// with the uninterrupted run. Usage: node bench/reliability/kill.mjs [--runs 100] [--seed 0] [--keep]
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const { RandomPurpose, RandomStream } = await import(new URL('../../dist/core/index.js', import.meta.url));
const { values: flags } = parseArgs({
  options: {
    runs: { type: 'string', default: '100' },
    seed: { type: 'string', default: '0' },
    keep: { type: 'boolean', default: false },
  },
});
const MOST_KILLS = 4;
const TRAINING = [
  ...['--steps', '48', '--checkpoint-every', '3', '--eval-every', '16', '--vocab-size', '150'],
  ...['--sequence-length', '16', '--layers', '1', '--hidden', '16', '--heads', '2', '--feed-forward', '16'],
];

const root = mkdtempSync(join(tmpdir(), 'lacuna-kill-'));
const corpus = join(root, 'corpus');
const random = new RandomStream(Number(flags.seed), RandomPurpose.sampling);

function writeCorpus() {
  const words = 'the law of our people asks the house for peace and justice in a new union of states'.split(
    ' ',
  );
  mkdirSync(corpus);
  for (let document = 0; document < 40; document++) {
    const text = Array.from({ length: 120 }, () => words[random.nextInt(words.length)]).join(' ');
    writeFileSync(join(corpus, `${document}.txt`), `${text}.\n`);
  }
}

/** Starts a run; resolves with how it ended. `watch` gets its process and what it has printed so far. */
function train(out, extra, watch) {
  const child = spawn(process.execPath, [MAIN, 'train', corpus, '--out', out, ...TRAINING, ...extra], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let printed = '';
  child.stderr.on('data', (chunk) => {
    printed += chunk;
    watch?.seen?.(printed, child);
  });
  watch?.started?.(child);
  return new Promise((resolve) =>
    child.on('close', (status, signal) => resolve({ status, signal, printed })),
  );
}

const digest = (path) => createHash('sha256').update(readFileSync(path)).digest('hex');
const outcomeOf = (out) => ({
  weights: digest(join(out, 'model.safetensors')),
  events: digest(join(`${out}.run`, 'events.jsonl')),
});
const isSaving = (out) => {
  try {
    return readdirSync(join(`${out}.run`, 'checkpoints')).some((name) => name.includes('.saving-'));
  } catch {
    // Not there yet, or no longer: the run that is watched makes and removes it.
    return false;
  }
};
const kill = (child) => child.exitCode === null && child.kill('SIGKILL');
const later = (child, ms) => setTimeout(() => kill(child), ms);

/** When to kill: at any time of the process, at any time of training, or while a checkpoint is being written. */
function killer(kind, out, wholeMs, trainingMs) {
  if (kind === 'any time') return { started: (child) => later(child, random.nextFloat() * wholeMs) };
  if (kind === 'training') {
    let armed = false;
    return {
      seen(printed, child) {
        if (armed || !/^train /m.test(printed)) return;
        armed = true;
        later(child, random.nextFloat() * trainingMs);
      },
    };
  }
  const nth = 1 + random.nextInt(6);
  return {
    started(child) {
      let count = 0;
      let was = false;
      // Polled as fast as the event loop turns: a checkpoint of this size takes a few milliseconds.
      const poll = () => {
        if (child.exitCode !== null || child.killed) return;
        const is = isSaving(out);
        if (is && !was && ++count >= nth) kill(child);
        was = is;
        setTimeout(poll, 0.2);
      };
      poll();
    },
  };
}

const KINDS = ['any time', 'training', 'checkpoint'];

async function killAndResume(index, wholeMs, trainingMs, tally) {
  const out = join(root, `run-${index}`);
  for (let kills = 0; ; ) {
    const kind = KINDS[(index + kills) % KINDS.length];
    const watch = kills < MOST_KILLS ? killer(kind, out, wholeMs, trainingMs) : undefined;
    const { status, signal, printed } = await train(out, ['--resume'], watch);
    if (signal === 'SIGKILL') {
      kills++;
      tally.kills++;
      if (isSaving(out)) tally.whileSaving++;
      continue;
    }
    // Killed between the last line of its journal and its end: there is nothing left to resume.
    const wasFinished = status === 2 && printed.includes(' is finished and its model is ');
    if (status !== 0 && !wasFinished) throw new Error(`run ${index} ended with status ${status}: ${printed}`);
    tally.resumed += Number(/^resume +from step/m.test(printed));
    const outcome = outcomeOf(out);
    if (!flags.keep) for (const path of [out, `${out}.run`]) rmSync(path, { recursive: true, force: true });
    return { kills, outcome };
  }
}

writeCorpus();
const started = performance.now();
const reference = join(root, 'reference');
let trainingFrom = started;
const { status, printed } = await train(reference, [], {
  seen: (text) => {
    if (trainingFrom === started && /^train /m.test(text)) trainingFrom = performance.now();
  },
});
if (status !== 0) throw new Error(`the uninterrupted run failed: ${printed}`);
const expected = outcomeOf(reference);
const [wholeMs, trainingMs] = [performance.now() - started, performance.now() - trainingFrom];
const tally = { kills: 0, whileSaving: 0, resumed: 0, identical: 0 };
const runs = Number(flags.runs);
for (let index = 0; index < runs; index++) {
  const { kills, outcome } = await killAndResume(index, wholeMs, trainingMs, tally);
  const same = outcome.weights === expected.weights && outcome.events === expected.events;
  tally.identical += Number(same);
  console.log(`run ${index}: ${kills} kills, ${same ? 'identical' : `DIFFERENT ${JSON.stringify(outcome)}`}`);
}
const seconds = ((performance.now() - started) / 1000).toFixed(0);
console.log(
  `${tally.identical} of ${runs} runs bit-identical (weights and event log); ${tally.kills} kills, ${tally.whileSaving} of them inside checkpoint writing; ${tally.resumed} runs ended from a checkpoint; ${seconds} s`,
);
if (!flags.keep) rmSync(root, { recursive: true, force: true });
process.exitCode = tally.identical === runs ? 0 : 1;
