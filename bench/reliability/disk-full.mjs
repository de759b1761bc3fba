// Fills a real disk (a tmpfs) at sizes at which a run does not fit, and makes one read-only between two runs. What must hold each time: status 1 and a message that names the file; the model
// that was there before as it was; and, with room again, a resumed run bit-identical to the undisturbed one.
// Usage: node bench/reliability/disk-full.mjs [--sizes 24]; without the right to mount: unshare -rm node ...
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const { values: flags } = parseArgs({ options: { sizes: { type: 'string', default: '24' } } });
const KIB = 1024;
const ENOUGH = 64 * KIB * KIB;
const TRAINING = [
  ...['--steps', '24', '--checkpoint-every', '3', '--keep-checkpoints', '100', '--vocab-size', '150'],
  ...['--sequence-length', '16', '--layers', '1', '--hidden', '32', '--heads', '2', '--feed-forward', '32'],
];
const OLD = [...TRAINING.slice(2), '--steps', '2', '--seed', '9'];

const root = mkdtempSync(join(tmpdir(), 'lacuna-full-'));
const corpus = join(root, 'corpus');
const disk = join(root, 'disk');
const out = join(disk, 'model');
mkdirSync(corpus);
mkdirSync(disk);
for (let document = 0; document < 40; document++) {
  const words = Array.from({ length: 120 }, (_, index) => `w${(document * 7 + index * index) % 40}`);
  writeFileSync(join(corpus, `${document}.txt`), `${words.join(' ')}.\n`);
}

const mount = (options) =>
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', disk], { stdio: 'inherit' });
const remount = (options) => execFileSync('mount', ['-o', `remount,${options}`, disk], { stdio: 'inherit' });
const unmount = () => execFileSync('umount', [disk], { stdio: 'inherit' });

/** Runs the built command to its end; `seen` gets what it has printed so far. */
function lacuna(args, seen) {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  let printed = '';
  child.stderr.on('data', (chunk) => {
    printed += chunk;
    seen?.(printed, child);
  });
  return new Promise((resolve) =>
    child.on('close', (status) =>
      resolve({ status, printed, line: printed.trimEnd().split('\n').at(-1) ?? '' }),
    ),
  );
}

const digest = (path) => createHash('sha256').update(readFileSync(path)).digest('hex');
const outcome = (at) =>
  `${digest(join(at, 'model.safetensors'))} ${digest(join(`${at}.run`, 'events.jsonl'))}`;
const checkpointsOf = () => {
  const directory = join(`${out}.run`, 'checkpoints');
  return existsSync(directory) ? readdirSync(directory).filter((name) => name.startsWith('step-')).length : 0;
};
const expect = (holds, what, { line }) => {
  if (!holds) throw new Error(`${what}: ${line}`);
};

/** With room again: the run goes on, or begins where nothing of it was written, and ends as if nothing had happened. */
async function assertRecovers(failed, expected) {
  const begun = existsSync(join(`${out}.run`, 'run.json'));
  const args = begun ? ['--resume', `${out}.run`] : [corpus, '--out', out, '--overwrite', ...TRAINING];
  const after = await lacuna(['train', ...args]);
  expect(after.status === 0, 'with room again', after);
  expect(outcome(out) === expected, 'not the same bits', failed);
}

/** A disk with an old model and `room` bytes beside it. */
async function diskWithOldModel(room) {
  mount(`size=${ENOUGH}`);
  const { status, line } = await lacuna(['train', corpus, '--out', out, ...OLD]);
  if (status !== 0) throw new Error(line);
  const used = Number(execFileSync('du', ['-sB1', disk]).toString().split('\t')[0]);
  if (room !== undefined) remount(`size=${used + room}`);
  return digest(join(out, 'model.safetensors'));
}

async function fill(room, expected) {
  const old = await diskWithOldModel(room);
  const ended = await lacuna(['train', corpus, '--out', out, '--overwrite', ...TRAINING]);
  const where = /'([^']+)'/.exec(ended.line)?.[1]?.replace(disk, '') ?? '';
  const intact = checkpointsOf();
  if (ended.status === 0) expect(outcome(out) === expected, 'it fitted, but is not the same', ended);
  else {
    expect(ended.status === 1 && ended.line.includes('no space left on the device'), 'unexpected end', ended);
    expect(digest(join(out, 'model.safetensors')) === old, 'the old model was touched', ended);
    remount(`size=${ENOUGH}`);
    await assertRecovers(ended, expected);
  }
  unmount();
  return { status: ended.status, where, intact };
}

/** A run that was killed, on a disk that is read-only when it is resumed. */
async function closed(expected) {
  const old = await diskWithOldModel();
  await lacuna(['train', corpus, '--out', out, '--overwrite', ...TRAINING], (printed, child) => {
    if (printed.includes('checkpoint step 9,')) child.kill('SIGKILL');
  });
  remount('ro');
  for (const args of [
    ['--resume', `${out}.run`],
    [corpus, '--out', `${out}-2`, ...TRAINING],
  ]) {
    const refused = await lacuna(['train', ...args]);
    const said = refused.line.includes('the file system is read-only');
    expect(refused.status === 1 && said, 'unexpected end', refused);
    console.log(`read-only: ${refused.line.replaceAll(disk, '')}`);
  }
  remount('rw');
  if (digest(join(out, 'model.safetensors')) !== old) throw new Error('the old model was touched');
  await assertRecovers({ line: 'read-only' }, expected);
  unmount();
}

mount(`size=${ENOUGH}`);
const undisturbed = await lacuna(['train', corpus, '--out', out, ...TRAINING]);
expect(undisturbed.status === 0, 'undisturbed', undisturbed);
const expected = outcome(out);
const needed = Number(execFileSync('du', ['-sB1', disk]).toString().split('\t')[0]);
unmount();
const sizes = Number(flags.sizes);
const tally = new Map();
for (let index = 0; index < sizes; index++) {
  const room = Math.round((needed * 1.2 * (index + 1)) / sizes);
  const { status, where, intact } = await fill(room, expected);
  const what = status === 0 ? 'fitted' : 'failed, recovered to the same bits';
  tally.set(what, (tally.get(what) ?? 0) + 1);
  console.log(`${(room / KIB).toFixed(0)} KiB free: ${what}; ${intact} checkpoints; ${where}`);
}
await closed(expected);
console.log([...tally].map(([what, count]) => `${count} ${what}`).join(', '));
rmSync(root, { recursive: true });
