// Fill and pseudo-log-likelihood beside the peers, interleaved:
//   node bench/asking/speed.mjs --model DIR --sentences FILE [--js-model DIR] [--python PATH] [--rounds N]
// --js-model: the same weights with onnx/model.onnx, for transformers.js; --python: an interpreter with minicons.
// Loading a model is left out for all of them; everything else, tokenization too, is in.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { fillTexts, scoreTexts } = await import('../../dist/infer/index.js');
const { withModel } = await import('../../dist/ask/index.js');

const { values } = parseArgs({
  options: {
    model: { type: 'string' },
    sentences: { type: 'string' },
    'js-model': { type: 'string' },
    python: { type: 'string' },
    rounds: { type: 'string', default: '3' },
  },
});
const sentences = readFileSync(values.sentences, 'utf8')
  .split('\n')
  .filter((line) => line !== '');
const masked = sentences.map((sentence) => {
  const words = sentence.split(' ');
  return words.with(Math.floor(words.length / 2), '[MASK]').join(' ');
});
const TOP_K = 5;

/** Wall and CPU seconds; the latter hold on a machine that others keep busy. */
async function timed(run) {
  const [begun, begunCpu] = [performance.now(), process.cpuUsage()];
  await run();
  const { user, system } = process.cpuUsage(begunCpu);
  return { wall: (performance.now() - begun) / 1000, cpu: (user + system) / 1e6 };
}

async function drain(answers) {
  let count = 0;
  for await (const answer of answers) count += answer ? 1 : 0;
  return count;
}

/** A fresh session each time, as a user's run has it: compiling programs counts. */
const lacunaFill = () =>
  withModel(values.model, ({ predictor, opened }) =>
    timed(() => drain(fillTexts(predictor, opened.tokenizer, masked, { topK: TOP_K }))),
  );
const lacunaScore = () =>
  withModel(values.model, ({ predictor, opened }) =>
    timed(() =>
      drain(scoreTexts(predictor, opened.tokenizer, sentences, { method: 'original', over: 'all' })),
    ),
  );

async function transformersJs() {
  const { env, pipeline } = await import('@huggingface/transformers');
  const directory = resolve(values['js-model']);
  env.allowRemoteModels = false;
  env.localModelPath = dirname(directory);
  const fill = await pipeline('fill-mask', basename(directory), { dtype: 'fp32' });
  // Its pipeline fills one text at a time faster than padded batches; the better of the two for each round.
  return {
    oneByOne: () =>
      timed(async () => {
        for (const text of masked) await fill(text, { top_k: TOP_K });
      }),
    batched: () =>
      timed(async () => {
        for (let start = 0; start < masked.length; start += 32) {
          await fill(masked.slice(start, start + 32), { top_k: TOP_K });
        }
      }),
  };
}

function minicons() {
  const out = join(mkdtempSync(join(tmpdir(), 'minicons-')), 'out.json');
  const script = fileURLToPath(new URL('reference.py', import.meta.url));
  const args = [script, values.model, values.sentences, out, '--score-only', '--methods', 'original'];
  const { stdout, stderr, status } = spawnSync(values.python, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${values.python} ${args.join(' ')}: ${stderr.slice(-500)}`);
  const { seconds, cpu_seconds: cpu } = JSON.parse(stdout.trim().split('\n').at(-1));
  return { wall: seconds.original, cpu: cpu.original };
}

const contenders = { 'lacuna fill': lacunaFill, 'lacuna score': lacunaScore };
if (values['js-model']) {
  const { oneByOne, batched } = await transformersJs();
  contenders['transformers.js fill, one by one'] = oneByOne;
  contenders['transformers.js fill, batches of 32'] = batched;
}
if (values.python) contenders['minicons score'] = async () => minicons();

const seconds = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
for (let round = 0; round < Number(values.rounds); round++) {
  for (const [name, run] of Object.entries(contenders)) {
    seconds[name].push(await run());
    const { wall, cpu } = seconds[name].at(-1);
    console.error(`round ${round + 1}: ${name} ${wall.toFixed(2)} s, CPU ${cpu.toFixed(2)} s`);
  }
}
console.log(`${sentences.length} sentences, ${values.rounds} rounds, seconds: median (least-most)`);
for (const [name, own] of Object.entries(seconds)) {
  const spread = (kind) => {
    const sorted = own.map((entry) => entry[kind]).toSorted((a, b) => a - b);
    const median = sorted[Math.floor(sorted.length / 2)];
    return `${median.toFixed(2)} (${sorted[0].toFixed(2)}-${sorted.at(-1).toFixed(2)})`;
  };
  console.log(`${name}: wall ${spread('wall')}, CPU ${spread('cpu')}`);
}
