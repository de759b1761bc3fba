// Compares ids, offsets and decoded texts with Python tokenizers, streaming; see README.md.
import { spawn } from 'node:child_process';
import { createReadStream, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { generatedTexts } from './texts.mjs';

const { values: options, positionals: tokenizerFiles } = parseArgs({
  allowPositionals: true,
  options: {
    library: { type: 'string', default: new URL('../../../dist', import.meta.url).pathname },
    python: { type: 'string', default: 'python3' },
    corpus: { type: 'string', multiple: true, default: [] },
    lines: { type: 'string', default: '1000' },
    skip: { type: 'string', default: '0' },
    generated: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '0' },
    show: { type: 'string', default: '3' },
  },
});
const { RandomStream, RandomPurpose } = await import(`${options.library}/core/index.js`);
const { tokenizerFromJson } = await import(`${options.library}/tokenize/index.js`);

/** Every n-th line of a corpus, so that the lines come from all of it. */
async function* corpusTexts(path, count, skip) {
  let total = 0;
  for await (const _ of createInterface({ input: createReadStream(path) })) total++;
  const step = Math.max(1, Math.floor(total / count));
  let index = 0;
  let given = 0;
  for await (const line of createInterface({ input: createReadStream(path) })) {
    if (index++ % step !== skip % step) continue;
    yield JSON.parse(line);
    if (++given >= count) return;
  }
}

async function* texts(seed) {
  for (const path of options.corpus) yield* corpusTexts(path, Number(options.lines), Number(options.skip));
  const random = new RandomStream(seed, RandomPurpose.sampling);
  for (let left = Number(options.generated); left > 0; left -= 1000) {
    yield* generatedTexts(random, Math.min(left, 1000));
  }
}

/** Offsets in code points, flat, as the reference counts them. */
function codePointOffsets(text, offsets) {
  if (!/[\ud800-\udfff]/.test(text)) return offsets.flat();
  const before = new Int32Array(text.length + 1).fill(-1);
  let unit = 0;
  let codePoint = 0;
  for (const character of text) {
    before[unit] = codePoint++;
    unit += character.length;
  }
  before[unit] = codePoint;
  return offsets.flat().map((offset) => before[offset]);
}

const same = (a, b) => a.length === b.length && a.every((value, index) => value === b[index]);

async function compare(file) {
  const json = JSON.parse(readFileSync(file, 'utf8'));
  const tokenizer = tokenizerFromJson(json, file);
  // The reference decodes these to their normalised content: a known divergence, with a test of its own.
  const normalizedIds = new Set(json.added_tokens.filter(({ normalized }) => normalized).map(({ id }) => id));
  const unkId = tokenizer.tokenToId('<unk>');
  const env = { ...process.env, RAYON_NUM_THREADS: '1', TOKENIZERS_PARALLELISM: 'false' };
  const script = new URL('reference.py', import.meta.url).pathname;
  const python = spawn(options.python, [script, file], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  const answers = createInterface({ input: python.stdout })[Symbol.asyncIterator]();
  const count = { lines: 0, tokens: 0, ids: 0, offsets: 0, tokenTexts: 0, decoded: 0 };
  const check = async (batch) => {
    for (const text of batch) {
      const { value: answer } = await answers.next();
      const [ids, offsets, tokens, decoded] = JSON.parse(answer);
      const encoding = tokenizer.encode(text);
      const wrong = [];
      if (!same(encoding.ids, ids)) wrong.push('ids');
      if (!same(codePointOffsets(text, encoding.offsets), offsets)) wrong.push('offsets');
      // The reference gives the text of what is unknown to a unigram model: a known divergence as well.
      const known = (list) => list.filter((_, index) => ids[index] !== unkId);
      if (!same(known(encoding.tokens), known(tokens))) wrong.push('tokenTexts');
      const isKnown = ids.some((id) => normalizedIds.has(id));
      if (!isKnown && tokenizer.decode(ids) !== decoded) wrong.push('decoded');
      count.lines++;
      count.tokens += ids.length;
      for (const kind of wrong) count[kind]++;
      if (
        wrong.length > 0 &&
        count.ids + count.offsets + count.tokenTexts + count.decoded <= Number(options.show)
      ) {
        console.log(`  ${wrong.join(', ')} of ${JSON.stringify(text)}`);
        console.log(
          `    reference ${JSON.stringify(ids)} ${JSON.stringify(offsets)} ${JSON.stringify(decoded)}`,
        );
        console.log(
          `    here      ${JSON.stringify(encoding.ids)} ${JSON.stringify(codePointOffsets(text, encoding.offsets))} ${JSON.stringify(tokenizer.decode(ids))}`,
        );
      }
    }
  };
  let batch = [];
  for await (const text of texts(Number(options.seed))) {
    batch.push(text);
    if (batch.length < 512) continue;
    python.stdin.write(batch.map((text) => `${JSON.stringify(text)}\n`).join(''));
    await check(batch);
    batch = [];
  }
  python.stdin.end(batch.map((text) => `${JSON.stringify(text)}\n`).join(''));
  await check(batch);
  return count;
}

const total = { lines: 0, differences: 0 };
for (const file of tokenizerFiles) {
  const name = basename(file, '.json');
  try {
    const { lines, tokens, ids, offsets, tokenTexts, decoded } = await compare(file);
    total.lines += lines;
    total.differences += ids + offsets + tokenTexts + decoded;
    console.log(
      `${name}: ${lines} lines, ${tokens} tokens, differences: ids ${ids}, offsets ${offsets}, token texts ${tokenTexts}, decoded ${decoded}`,
    );
  } catch (error) {
    total.differences++;
    console.log(`${name}: ${error.stack}`);
  }
}
console.log(`total: ${total.lines} lines, ${total.differences} differences`);
process.exitCode = total.differences === 0 ? 0 : 1;
