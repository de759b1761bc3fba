// Model directories that go through transformers and come back; see README.md.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const TEXT = 'The states of the [MASK]';
const VOCABULARY = ['the', 'state', 's', 'of', 'union'];
const HEADED = ['fill-mask', 'feature-extraction', 'text-classification', 'token-classification'];
const { values: options } = parseArgs({
  options: {
    library: { type: 'string', default: fileURLToPath(new URL('../../dist', import.meta.url)) },
    python: { type: 'string' },
    model: { type: 'string', multiple: true, default: [] },
    golden: { type: 'boolean', default: false },
  },
});
if (!options.python) throw new Error('give --python, an interpreter with torch and transformers');
const load = (folder) => import(`${options.library}/${folder}/index.js`);
const [core, hub, models, tokenize] = await Promise.all(['core', 'hub', 'model', 'tokenize'].map(load));

const tokenizer = tokenize.trainWordPiece([VOCABULARY.join(' ')], { vocabSize: 24, minFrequency: 0 });
const { pad, cls, sep, mask } = tokenizer.special;
const sizes = {
  vocabSize: tokenizer.vocabSize,
  hiddenSize: 4,
  numHiddenLayers: 1,
  numAttentionHeads: 2,
  intermediateSize: 6,
  maxTokens: 16,
  initializerRange: 0.5,
  ...{ padTokenId: pad, clsTokenId: cls, sepTokenId: sep, maskTokenId: mask },
};

/** Every value of its own, norms and biases too, so that no exchange goes unseen. */
function weightsOf(model) {
  const random = new core.RandomStream(0, core.RandomPurpose.initialisation);
  return new Map(
    model.parameters.map(({ name, shape }) => {
      const size = shape.reduce((product, extent) => product * extent, 1);
      return [name, { shape, data: Float32Array.from({ length: size }, () => random.nextFloat() - 0.5) }];
    }),
  );
}

/** Models of every family for every task, tied and not. */
function variants() {
  return models.families
    .map((family) => family.create(sizes))
    .filter((model) => !model.isLacunasOwn)
    .flatMap((tied) => {
      const untied = models.readModel(
        { ...tied.toHuggingFace(), tie_word_embeddings: false },
        tied.modelType,
      );
      const tasks = [...HEADED, ...(tied.modelType === 'electra' ? ['replaced-token-detection'] : [])];
      return [
        ...tasks.map((task) => ({
          name: `${tied.modelType} ${task}`,
          model: task === 'fill-mask' ? tied : tied.withTask(task, labelsOf(task)),
        })),
        { name: `${tied.modelType} fill-mask, untied`, model: untied },
      ];
    });
}

const labelsOf = (task) => (task.endsWith('classification') ? ['a', 'b', 'c'] : undefined);

/** Writes a model and gives what is needed to follow it. */
async function write(root, { name, model }) {
  const source = join(root, name.replaceAll(/\W+/g, '-'));
  const files = {
    config: model.toHuggingFace(),
    weights: weightsOf(model),
    tokenizer,
    card: '# Round trip\n',
  };
  await hub.saveModelDirectory(source, files, { overwrite: false });
  return { name, source, target: `${source}-saved`, task: model.task };
}

function throughTransformers(jobs) {
  const script = fileURLToPath(new URL('through_transformers.py', import.meta.url));
  const { status, stdout } = spawnSync(options.python, [script], {
    input: JSON.stringify(jobs),
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error(`${script} failed`);
  return JSON.parse(stdout);
}

const bytesOf = ({ data }) => Buffer.from(data.buffer, data.byteOffset, data.byteLength);

/** Names of parameters whose bits differ, or that only one side has. */
function differing(before, after) {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].filter((name) => {
    const [a, b] = [before.get(name), after.get(name)];
    return !a || !b || !bytesOf(a).equals(bytesOf(b));
  });
}

async function follow({ name, source, target }, { class: className, complaints, ids }) {
  const before = await hub.openCheckpoint(source);
  const after = await hub.openCheckpoint(target);
  const again = `${target}-again`;
  const weights = new Map(after.model.parameters.map(({ name }) => [name, after.parameters.get(name)]));
  const files = {
    config: after.model.toHuggingFace(),
    weights,
    tokenizer: after.opened.tokenizer,
    card: '#\n',
  };
  await hub.saveModelDirectory(again, files, { overwrite: false });
  const isSameFile = readFileSync(join(source, 'model.safetensors')).equals(
    readFileSync(join(again, 'model.safetensors')),
  );
  const ours = before.opened.tokenizer.encode(TEXT).ids;
  return {
    name,
    class: className,
    tensors: before.parameters.size,
    complaints,
    unexpected: after.unexpected,
    differing: differing(before.parameters, after.parameters),
    isSameFile,
    sameIds: JSON.stringify([...ours]) === JSON.stringify(ids),
    sameTask: before.model.task === after.model.task,
  };
}

/** What transformers makes of its own: poolers, ESM's contacts and angles, a bias that an untied decoder does not read. */
const EXTRA =
  /(^|\.)(pooler\.dense|contact_head\.regression)\.(weight|bias)$|rotary_embeddings\.inv_freq$|^(cls\.predictions|lm_head)\.bias$/;

const isWhole = (row) =>
  Object.keys(row.complaints).every((key) => key === 'missing_keys') &&
  (row.complaints.missing_keys ?? []).every((key) => EXTRA.test(key)) &&
  row.unexpected.every((key) => EXTRA.test(key)) &&
  row.differing.length === 0 &&
  row.isSameFile &&
  row.sameIds &&
  row.sameTask;

function writeGolden(reference, jobs) {
  const cases = jobs
    .filter(({ task }) => task === 'fill-mask')
    .map(({ name, target }) => ({
      name,
      config: JSON.parse(readFileSync(join(target, 'config.json'), 'utf8')),
      safetensors: readFileSync(join(target, 'model.safetensors')).toString('base64'),
    }));
  const file = fileURLToPath(new URL('../../src/hub/goldens/round-trip.golden.json', import.meta.url));
  const script = 'bench/round-trip/run.mjs --golden';
  const lines = cases.map((each) => JSON.stringify(each)).join(',\n');
  const head = JSON.stringify({ reference, script, sizes, tokens: tokenizer.toJSON().model.vocab });
  writeFileSync(file, `${head.slice(0, -1)},"cases":[\n${lines}\n]}\n`);
}

const root = mkdtempSync(join(tmpdir(), 'lacuna-round-trip-'));
try {
  const jobs = [];
  for (const variant of variants()) jobs.push(await write(root, variant));
  const golden = [...jobs];
  for (const model of options.model) {
    const { task } = (await hub.openCheckpoint(model)).model;
    jobs.push({ name: basename(model), source: model, target: join(root, `${basename(model)}-saved`), task });
  }
  const { reference, results } = throughTransformers(jobs);
  const rows = [];
  for (const [index, job] of jobs.entries()) rows.push(await follow(job, results[index]));
  for (const row of rows) console.log(JSON.stringify({ reference, ...row }));
  if (options.golden) writeGolden(reference, golden);
  if (!rows.every(isWhole)) process.exitCode = 1;
} finally {
  rmSync(root, { recursive: true, force: true });
}
