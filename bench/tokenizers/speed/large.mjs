// Trains on a corpus larger than memory should hold: the files given, their lines shuffled and repeated; see README.md.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values: options, positionals: files } = parseArgs({
  allowPositionals: true,
  options: {
    library: { type: 'string', default: new URL('../../../dist', import.meta.url).pathname },
    megabytes: { type: 'string', default: '1000' },
    model: { type: 'string', default: 'bpe' },
    'vocab-size': { type: 'string', default: '32000' },
    threads: { type: 'string', multiple: true, default: ['1', '2'] },
    rounds: { type: 'string', default: '1' },
    'measure-here': { type: 'string' },
  },
});

/** In a process of its own, so that its peak memory is that of one training. */
async function measureHere(corpus) {
  const { trainTokenizer } = await import(`${options.library}/index.js`);
  const out = join(corpus, '..', `${options.threads[0]}.json`);
  const { model } = options;
  const threads = Number(options.threads[0]);
  const vocabSize = Number(options['vocab-size']);
  const result = await trainTokenizer({ paths: [corpus], model, vocabSize, threads, out, overwrite: true });
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  process.send({ vocabSize: result.vocabSize, seconds: result.trainMs / 1000, peakBytes });
}

async function writeCorpus(path) {
  const { RandomStream, RandomPurpose, shuffleInPlace } = await import(`${options.library}/core/index.js`);
  const lines = files.flatMap((name) => readFileSync(name, 'utf8').split('\n'));
  const stream = createWriteStream(path);
  let bytes = 0;
  for (let round = 0; bytes < 1e6 * Number(options.megabytes); round++) {
    const order = Uint32Array.from(lines.keys());
    shuffleInPlace(order, new RandomStream(0, RandomPurpose.shuffling, round));
    const text = Buffer.from(`${Array.from(order, (index) => lines[index]).join('\n')}\n`);
    bytes += text.length;
    if (!stream.write(text)) await once(stream, 'drain');
  }
  stream.end();
  await once(stream, 'finish');
  return bytes;
}

async function measure(corpus, threads) {
  const own = ['library', 'model', 'vocab-size'].flatMap((name) => [`--${name}`, options[name]]);
  const child = fork(fileURLToPath(import.meta.url), [
    ...own,
    '--threads',
    threads,
    '--measure-here',
    corpus,
  ]);
  const [result] = await once(child, 'message');
  return result;
}

if (options['measure-here']) await measureHere(options['measure-here']);
else {
  const folder = mkdtempSync(join(tmpdir(), 'lacuna-large-'));
  const corpus = join(folder, 'corpus.txt');
  const bytes = await writeCorpus(corpus);
  console.log(`${options.model}, ${(bytes / 1e9).toFixed(2)} GB`);
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const threads of options.threads) {
      const { vocabSize, seconds, peakBytes } = await measure(corpus, threads);
      console.log(
        `${threads} thread(s): ${vocabSize} tokens, ${seconds.toFixed(1)} s, at most ${(peakBytes / 1e6).toFixed(0)} MB resident`,
      );
    }
  }
  const [first, ...others] = options.threads.map((threads) =>
    readFileSync(join(folder, `${threads}.json`), 'utf8'),
  );
  console.log(others.every((other) => other === first) ? 'the same tokenizer' : 'NOT the same tokenizer');
  rmSync(folder, { recursive: true });
}
