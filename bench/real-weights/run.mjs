// Two models that others trained, opened by Lacuna and by their own Python; see README.md.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const TOLERANCE = 1e-3;
const { values: options } = parseArgs({
  options: {
    library: { type: 'string', default: fileURLToPath(new URL('../../dist', import.meta.url)) },
    folder: { type: 'string', default: '.cache/real-weights' },
    python: { type: 'string' },
  },
});
const file = (name) => fileURLToPath(new URL(name, import.meta.url));
const { folder, library } = options;

/** What a program prints; ends this one when it fails. */
function output(program, args) {
  const { status, stdout, error } = spawnSync(program, args, {
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0)
    throw new Error(`${program} ${args.join(' ')} failed${error ? `: ${error.message}` : ''}`);
  return stdout;
}

/** The interpreter given, or one of an environment of its own with the pinned packages. */
function interpreter() {
  if (options.python) return options.python;
  const environment = join(folder, 'venv');
  const python = join(environment, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  if (!existsSync(python)) {
    output('python3', ['-m', 'venv', environment]);
    output(python, ['-m', 'pip', 'install', '--quiet', '-r', file('requirements.txt')]);
  }
  return python;
}

const lacuna = (...args) => output(process.execPath, [join(library, 'cli/main.js'), ...args]);

function importAfresh(name) {
  const out = join(folder, `lacuna-${name}`);
  return JSON.parse(lacuna('import', join(folder, name), '--out', out, '--overwrite', '--json'));
}

const largest = (values) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/** Logits of every token of the padded batch beside the reference's, through the imported model. */
async function compareLogits(directory, { inputIds, attentionMask, logits }) {
  const { openCheckpoint, draftInference } = await import(`${library}/hub/index.js`);
  const { encodeDraft } = await import(`${library}/graph/index.js`);
  const { Engine } = await import(`${library}/runtime/index.js`);
  const { model, parameters } = await openCheckpoint(directory);
  const draft = draftInference(model, parameters);
  const { model: onnx } = encodeDraft(draft, { externalFile: 'unused' });
  const shape = [inputIds.length, inputIds[0].length];
  const tensor = (rows) => ({ dtype: 'int64', shape, data: BigInt64Array.from(rows.flat(), BigInt) });
  const engine = new Engine({ threads: 2 });
  try {
    const inputs = draft.inputs.map(({ name, shape }) => ({ name, shape, dtype: 'int64' }));
    const program = await engine.load({ onnx, inputs, outputs: [] });
    const feeds = {
      input_ids: tensor(inputIds),
      attention_mask: tensor(attentionMask),
      token_type_ids: tensor(inputIds.map((row) => row.map(() => 0))),
    };
    const known = Object.entries(feeds).filter(([name]) => inputs.some((input) => input.name === name));
    const got = (await program.run(Object.fromEntries(known))).logits.data;
    const mask = attentionMask.flat();
    const V = model.config.vocabSize;
    const differences = logits.flat(2).map((value, at) => (mask[Math.floor(at / V)] ? value - got[at] : 0));
    return {
      tokens: mask.filter(Boolean).length,
      padding: mask.filter((real) => !real).length,
      largestDifference: largest(differences),
    };
  } finally {
    await engine.close();
  }
}

/** `lacuna fill` beside the reference's probabilities over residues, for every mask of every sequence. */
function compareFills(directory, sequences, { inputIds, logits }) {
  const [mask, firstResidue] = [4, 5];
  let [masks, sameFirst, largestDifference] = [0, 0, 0];
  for (const [row, sequence] of sequences.entries()) {
    if (!sequence.includes('_')) continue;
    const text = sequence.replaceAll('_', '[MASK]');
    const answer = JSON.parse(lacuna('fill', text, '--model', directory, '--top-k', '20', '--json'));
    const fills = Array.isArray(answer[0]) ? answer : [answer];
    const places = inputIds[row].flatMap((id, at) => (id === mask ? [at] : []));
    if (fills.length !== places.length) throw new Error(`${fills.length} fills for ${places.length} masks`);
    for (const [index, place] of places.entries()) {
      const scores = logits[row][place].slice(firstResidue).map(Math.exp);
      const sum = scores.reduce((total, score) => total + score, 0);
      const best = scores.indexOf(Math.max(...scores)) + firstResidue;
      masks++;
      sameFirst += Number(fills[index][0].token === best);
      const differences = fills[index].map(({ token, score }) => score - scores[token - firstResidue] / sum);
      largestDifference = Math.max(largestDifference, largest(differences));
    }
  }
  return { masks, sameFirst, largestDifference };
}

/** `lacuna embed --pooling mean-all --normalise` beside sentence-transformers. */
function compareEmbeddings(directory, sentences, expected) {
  const vectors = JSON.parse(
    lacuna('embed', ...sentences, '--model', directory, '--pooling', 'mean-all', '--normalise', '--json'),
  ).map(({ vector }) => vector);
  const differences = vectors.flatMap((vector, row) => vector.map((value, at) => value - expected[row][at]));
  const cosines = vectors.map((vector, row) =>
    vector.reduce((sum, value, at) => sum + value * expected[row][at], 0),
  );
  return {
    sentences: vectors.length,
    largestDifference: largest(differences),
    smallestCosine: Math.min(...cosines),
  };
}

mkdirSync(folder, { recursive: true });
const python = interpreter();
output(python, [file('fetch.py'), folder]);
const inputs = JSON.parse(readFileSync(file('inputs.json'), 'utf8'));
const reference = JSON.parse(output(python, [file('reference.py'), folder, file('inputs.json')]));
const antiberty = importAfresh('antiberty');
const minilm = importAfresh('minilm');
const result = {
  versions: reference.versions,
  antiberty: {
    imported: antiberty,
    logits: await compareLogits(antiberty.modelDir, reference.antibodies),
    fill: compareFills(antiberty.modelDir, inputs.antibodies, reference.antibodies),
    // The directory as it came, not converted.
    fillUnconverted: compareFills(join(folder, 'antiberty'), inputs.antibodies, reference.antibodies),
  },
  minilm: {
    imported: minilm,
    embed: compareEmbeddings(minilm.modelDir, inputs.sentences, reference.embeddings),
    embedUnconverted: compareEmbeddings(join(folder, 'minilm'), inputs.sentences, reference.embeddings),
  },
};
writeFileSync(join(folder, 'result.json'), `${JSON.stringify(result, null, 2)}\n`);
console.log(JSON.stringify(result, null, 2));
const compared = [
  result.antiberty.logits,
  result.antiberty.fill,
  result.antiberty.fillUnconverted,
  result.minilm.embed,
  result.minilm.embedUnconverted,
];
if (compared.some(({ largestDifference }) => !(largestDifference < TOLERANCE))) {
  console.error(`a difference of ${TOLERANCE} or more`);
  process.exitCode = 1;
}
