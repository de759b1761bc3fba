// Preparing a corpus beside Python datasets + tokenizers, on the same files with the same tokenizer; see README.md.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { writeCorpus } from './corpus.mjs';
import { peakMemory } from './memory.mjs';

const { values: options, positionals: files } = parseArgs({
  allowPositionals: true,
  options: {
    library: { type: 'string', default: fileURLToPath(new URL('../../dist', import.meta.url)) },
    python: { type: 'string', default: 'python3' },
    processes: { type: 'string', default: '2' },
    megabytes: { type: 'string', default: '1000' },
    rounds: { type: 'string', default: '1' },
    folder: { type: 'string', default: tmpdir() },
  },
});
if (files.length === 0) throw new Error('give the texts whose lines are repeated');

const MEGABYTE = 1e6;

/** Runs a program to its end; its last line of output, and the most memory that it and its children held at once. */
async function measure(program, args) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const memory = peakMemory(child.pid);
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  const status = await new Promise((resolve) => child.on('close', resolve));
  const peakBytes = memory.stop();
  if (status !== 0) throw new Error(`${program} ${args[0]} ended with ${status}`);
  return { result: JSON.parse(output.slice(output.indexOf('{'))), peakBytes };
}

const folder = mkdtempSync(join(options.folder, 'lacuna-preparation-'));
try {
  const corpus = join(folder, 'corpus');
  const bytes = await writeCorpus(options.library, {
    files,
    folder: corpus,
    bytes: MEGABYTE * Number(options.megabytes),
  });
  const command = join(options.library, 'cli/main.js');
  const tokenizer = join(folder, 'tokenizer.json');
  await measure(process.execPath, [
    ...[command, 'tokenizer', 'train', join(corpus, '00000.txt'), '--model', 'wordpiece'],
    ...['--vocab-size', '8192', '--out', tokenizer, '--json'],
  ]);
  const report = (name, { seconds, tokens }, peakBytes) => {
    const rate = bytes / MEGABYTE / seconds;
    console.log(
      `${name}: ${seconds.toFixed(1)} s, ${rate.toFixed(1)} MB/s, ${tokens} tokens, at most ${(peakBytes / MEGABYTE).toFixed(0)} MB resident`,
    );
    return rate;
  };
  console.log(`${(bytes / MEGABYTE).toFixed(0)} MB of text`);
  for (let round = 0; round < Number(options.rounds); round++) {
    const out = join(folder, `lacuna-${round}`);
    const ours = await measure(process.execPath, [
      ...[command, 'data', 'prepare', corpus, '--out', out, '--tokenizer', tokenizer, '--json'],
    ]);
    const { totalMs, trainTokens, heldOutTokens } = ours.result;
    const facts = { seconds: totalMs / 1000, tokens: trainTokens + heldOutTokens };
    const rate = report('lacuna data prepare', facts, ours.peakBytes);
    rmSync(out, { recursive: true });
    const theirOut = join(folder, `python-${round}`);
    const reference = fileURLToPath(new URL('reference.py', import.meta.url));
    const theirs = await measure(options.python, [
      ...[reference, tokenizer, corpus, theirOut, '--processes', options.processes],
    ]);
    const theirRate = report(`datasets ${theirs.result.version}`, theirs.result, theirs.peakBytes);
    rmSync(theirOut, { recursive: true });
    rmSync(`${theirOut}-cache`, { recursive: true, force: true });
    console.log(`ratio: ${(rate / theirRate).toFixed(2)}x`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
