// Runs a lacuna command and prints the most memory that each of its stages held; see README.md.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { peakMemory } from './memory.mjs';

const command = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const started = performance.now();
const child = spawn(process.execPath, [command, ...process.argv.slice(2)], {
  stdio: ['ignore', 'inherit', 'pipe'],
});
let stage = 'start';
let memory = peakMemory(child.pid);

function finishStage() {
  const megabytes = (memory.stop() / 1e6).toFixed(0);
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.log(`${stage}: at most ${megabytes} MB, until second ${seconds}`);
}

child.stderr.on('data', (chunk) => {
  for (const line of String(chunk).split('\n')) {
    const [word = ''] = line.split(' ');
    if (word === '' || word === stage) continue;
    finishStage();
    stage = word;
    memory = peakMemory(child.pid);
  }
});
child.on('close', (status) => {
  finishStage();
  process.exitCode = status ?? 1;
});
