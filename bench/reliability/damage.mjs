// Damages the newest checkpoint of a real run: one byte flipped at random offsets of each of its files, its state cut off
// at every tensor boundary (and one byte before, and after), its manifest at every line, a byte too many, files missing.
// Each must be noticed, and the checkpoint before be taken. Usage: node bench/reliability/damage.mjs [--flips 1000] [--seed 0]
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const built = (path) => import(new URL(`../../dist/${path}`, import.meta.url));
const { RandomPurpose, RandomStream } = await built('core/index.js');
const { decodeSafetensorsHeader } = await built('formats/index.js');
const { Checkpoints } = await built('runs/index.js');
const { values: flags } = parseArgs({
  options: { flips: { type: 'string', default: '1000' }, seed: { type: 'string', default: '0' } },
});
const random = new RandomStream(Number(flags.seed), RandomPurpose.sampling);
const FILES = ['state.safetensors', 'manifest.json'];
const DTYPES = { F32: 'float32', I32: 'int32', I64: 'int64', U8: 'bool' };

const root = mkdtempSync(join(tmpdir(), 'lacuna-damage-'));
const corpus = join(root, 'corpus');
mkdirSync(corpus);
for (let document = 0; document < 40; document++) {
  const words = Array.from({ length: 120 }, () => `w${random.nextInt(40)}`);
  writeFileSync(join(corpus, `${document}.txt`), `${words.join(' ')}.\n`);
}
const trained = spawnSync(process.execPath, [
  ...[MAIN, 'train', corpus, '--out', join(root, 'model'), '--steps', '12', '--checkpoint-every', '4'],
  ...['--keep-checkpoints', '2', '--vocab-size', '150', '--sequence-length', '16', '--layers', '1'],
  ...['--hidden', '32', '--heads', '2', '--feed-forward', '32'],
]);
if (trained.status !== 0) throw new Error(String(trained.stderr));

const directory = join(root, 'model.run', 'checkpoints');
const [before, newest] = readdirSync(directory).sort();
const intact = Object.fromEntries(FILES.map((name) => [name, readFileSync(join(directory, newest, name))]));
const { manifest } = JSON.parse(intact['manifest.json']);
const state = intact['state.safetensors'];
const { entries, dataStart } = decodeSafetensorsHeader(state, state.length, 'state');
const types = entries.map(({ name, dtype, shape }) => ({ name, dtype: DTYPES[dtype], shape }));
const checkpoints = new Checkpoints(directory, types, manifest.run);

/** Everything that is done to the newest checkpoint: a file, and what becomes of its bytes (undefined: it goes). */
function* damages() {
  for (const name of FILES) {
    const bytes = intact[name];
    for (let index = 0; index < Number(flags.flips); index++) {
      const at = random.nextInt(bytes.length);
      const flipped = Buffer.from(bytes);
      flipped[at] ^= 1 + random.nextInt(255);
      yield [`byte ${at} flipped`, name, flipped];
    }
    yield ['a byte too many', name, Buffer.concat([bytes, Buffer.of(0)])];
    yield ['empty', name, Buffer.alloc(0)];
    yield ['missing', name, undefined];
  }
  const boundaries = [8, dataStart, ...entries.map(({ end }) => dataStart + end)];
  for (const at of boundaries.flatMap((each) => [each - 1, each, each + 1])) {
    if (at < state.length) yield [`cut off at byte ${at}`, FILES[0], state.subarray(0, at)];
  }
  const text = intact['manifest.json'];
  for (let at = text.indexOf(10); at >= 0 && at < text.length - 1; at = text.indexOf(10, at + 1)) {
    yield [`cut off at byte ${at}`, FILES[1], text.subarray(0, at)];
  }
}

const restore = (name) => writeFileSync(join(directory, newest, name), intact[name]);
const tally = {};
let missed = 0;
for (const [what, name, bytes] of damages()) {
  if (bytes) writeFileSync(join(directory, newest, name), bytes);
  else rmSync(join(directory, newest, name));
  const found = await checkpoints.newestIntact();
  const [damaged] = found.damaged;
  const isNoticed =
    found.intact?.path === join(directory, before) && damaged?.path === join(directory, newest);
  if (!isNoticed) {
    missed++;
    console.log(`MISSED: ${name}, ${what}`);
  }
  const kind = `${name}: ${what.replace(/ \d+ flipped| at byte \d+/, '')}`;
  tally[kind] = (tally[kind] ?? 0) + 1;
  restore(name);
}
const undamaged = await checkpoints.newestIntact();
if (undamaged.intact?.path !== join(directory, newest)) throw new Error('the undamaged one is not taken');
for (const [kind, count] of Object.entries(tally)) console.log(`${kind}: ${count}`);
const total = Object.values(tally).reduce((sum, count) => sum + count, 0);
console.log(`${total - missed} of ${total} damages noticed, the checkpoint before taken`);
rmSync(root, { recursive: true });
process.exitCode = missed > 0 ? 1 : 0;
