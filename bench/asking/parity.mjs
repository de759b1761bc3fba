// Lacuna's scores and fills beside those that reference.py wrote: node bench/asking/parity.mjs MODEL REFERENCE.json
import { readFileSync } from 'node:fs';

const { fill, score } = await import('../../dist/ask/index.js');
const [model, path] = process.argv.slice(2);
const reference = JSON.parse(readFileSync(path, 'utf8'));

const largest = (values) => values.reduce((a, b) => Math.max(a, b), 0);
const results = {};
for (const [theirs, method] of [
  ['original', 'original'],
  ['within_word_l2r', 'within-word-l2r'],
]) {
  if (!reference.scores[theirs]) continue;
  for (const over of ['all', 'valid']) {
    const scores = await score({ model, texts: reference.sentences, method, over });
    const differences = scores.map((own, index) =>
      Math.abs(-own.pseudoLogLikelihoodNats - reference.scores[theirs][index]),
    );
    results[`${method}, over ${over}: largest difference, nats`] = largest(differences);
    console.error(method, over, largest(differences));
  }
}
if (reference.fills.length > 0) {
  const texts = reference.fills.map(({ text }) => text);
  const masks = await fill({ model, text: texts, topK: 10 });
  let [difference, otherOrder] = [0, 0];
  for (const [index, { tokens, probabilities }] of reference.fills.entries()) {
    for (const [rank, { token, score: own }] of masks[index].entries()) {
      otherOrder += Number(token !== tokens[rank]);
      difference = Math.max(difference, Math.abs(own - probabilities[rank]));
    }
  }
  results['fills, top 10 of each: largest difference'] = difference;
  results['fills: ranks with another token'] = otherOrder;
}
console.log(JSON.stringify({ sentences: reference.sentences.length, ...results }, null, 2));
