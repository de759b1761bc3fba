// What computing layers anew saves and costs: a process for each training, interleaved; CPU seconds a step, because they bear a busy machine.
//
//   node bench/recompute/compare.mjs mini,512,8 small,512,8 --rounds 2      # preset, T, sequences at once
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { library } from '../peers/library.mjs';

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '2' },
    steps: { type: 'string', default: '4' },
    child: { type: 'boolean', default: false },
    recompute: { type: 'boolean', default: false },
  },
});
const steps = Number(flags.steps);

/** Trains for one go of some steps to warm up and one to be measured, and prints what that took. */
async function child([preset, T, B]) {
  const { PRESETS } = await library('api/presets.js');
  const { stepModel, trainingMeter } = await library('api/step-meter.js');
  const { Engine } = await library('runtime/index.js');
  const [sequenceLength, batchSize] = [Number(T), Number(B)];
  const sizes = { ...PRESETS[preset], sequenceLength, batchSize, microBatchSize: batchSize };
  const engine = new Engine();
  const train = trainingMeter(engine, stepModel({ ...sizes, recomputes: flags.recompute }));
  const cpu = () => process.cpuUsage().user + process.cpuUsage().system;
  const begun = cpu();
  await train(steps);
  const once = cpu();
  await train(steps, 2);
  // Both trainings prepare and begin alike; the second does one go more.
  const cpuSeconds = (cpu() - once - (once - begun)) / steps / 1e6;
  console.log(JSON.stringify({ cpuSeconds, peakMb: process.resourceUsage().maxRSS / 1000 }));
  await engine.close();
}

function measure(sizes, recomputes) {
  const self = fileURLToPath(import.meta.url);
  const args = [self, '--child', '--steps', flags.steps, ...(recomputes ? ['--recompute'] : []), ...sizes];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }));
}

if (flags.child) await child(positionals);
else {
  console.log(
    '| preset, T, sequences | peak MB | recomputed | CPU s a step | recomputed |\n| --- | --- | --- | --- | --- |',
  );
  for (const sizes of positionals) {
    const pairs = Array.from({ length: Number(flags.rounds) }, () =>
      [false, true].map((recomputes) => measure(sizes.split(','), recomputes)),
    );
    const cells = ['peakMb', 'cpuSeconds'].flatMap((key) =>
      [0, 1].map((which) => pairs.map((pair) => pair[which][key].toPrecision(3)).join(', ')),
    );
    console.log(`| ${sizes} | ${cells.join(' | ')} |`);
  }
}
