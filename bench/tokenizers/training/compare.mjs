// Trains on the TypeScript files of a folder and compares vocabularies and merges with Python tokenizers; see README.md.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';

const {
  values: options,
  positionals: [folder],
} = parseArgs({
  allowPositionals: true,
  options: {
    library: { type: 'string', default: new URL('../../../dist', import.meta.url).pathname },
    python: { type: 'string', default: 'python3' },
    models: { type: 'string', default: 'merges,unigram' },
  },
});
const { tokenizerFromJson, trainBpe, trainByteBpe, trainUnigram, trainWordPiece } = await import(
  `${options.library}/tokenize/index.js`
);
const trainers = {
  bpe: trainBpe,
  'byte-bpe': trainByteBpe,
  // The alphabet of the reference is pinned, so that nothing is left out of it.
  wordpiece: (texts, given) => trainWordPiece(texts, { ...given, limitAlphabet: Number.MAX_SAFE_INTEGER }),
};
/** The log-likelihood of the best pieces of all texts, in nats, by Lacuna's encoder whosever the pieces are. */
function logLikelihood(vocab) {
  const own = trainUnigram(['a'], { vocabSize: 8 }).toJSON();
  const tokenizer = tokenizerFromJson({ ...own, model: { ...own.model, vocab } });
  const lines = texts.flatMap((text) => text.split('\n'));
  return lines.reduce(
    (sum, line) => tokenizer.encodeIds(line).reduce((total, id) => total + vocab[id][1], sum),
    0,
  );
}

/** Unigram's pieces are compared as a set, with their scores: the reference orders equal ones at random. */
function comparePieces({ name, pieces }) {
  const vocab = trainUnigram(texts, { vocabSize: Number(name.split(' ')[1]) }).toJSON().model.vocab;
  const ours = new Map(vocab);
  const shared = pieces.filter(([piece]) => ours.has(piece));
  const distance = Math.max(...shared.map(([piece, score]) => Math.abs(score - ours.get(piece))));
  const ratio = logLikelihood(vocab) / logLikelihood(pieces);
  if (shared.length < 0.98 * pieces.length || Math.abs(ratio - 1) > 1e-3) differences++;
  console.log(
    `${name}: ${shared.length} of ${pieces.length} pieces the same, their scores within ${distance.toPrecision(2)}, log-likelihood ${ratio.toFixed(7)} of the reference's`,
  );
}

const digest = (items) => createHash('sha256').update(items.join('\0')).digest('hex');

const script = new URL('reference.py', import.meta.url).pathname;
const python = spawn(options.python, [script, folder, options.models], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
let texts;
let differences = 0;
for await (const line of createInterface({ input: python.stdout })) {
  const answer = JSON.parse(line);
  if (answer.files !== undefined) {
    texts = answer.files.map((name) => readFileSync(name, 'utf8'));
    const characters = texts.reduce((sum, text) => sum + text.length, 0);
    console.log(`${answer.reference}, ${texts.length} files, ${characters} characters`);
    continue;
  }
  if (answer.pieces !== undefined) {
    comparePieces(answer);
    continue;
  }
  const [model, vocabSize] = answer.name.split(' ');
  const tokenizer = trainers[model](texts, { vocabSize: Number(vocabSize) });
  const tokens = Array.from({ length: tokenizer.vocabSize }, (_, id) => tokenizer.idToToken(id));
  const { merges } = tokenizer.toJSON().model;
  const ours = merges === undefined ? null : digest(merges.map((pair) => pair.join(' ')));
  const isSame = digest(tokens) === answer.vocabulary && ours === answer.merges;
  if (!isSame) differences++;
  console.log(
    `${answer.name}: ${answer.tokens} tokens, ${isSame ? 'identical' : 'DIFFERENT'}, ${answer.vocabulary}`,
  );
}
process.exitCode = differences === 0 ? 0 : 1;
