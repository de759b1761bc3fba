import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { embed, embedMany } from './embed.js';
import { explain } from './explain.js';
import { explanationHtml, explanationSvg } from './explain-picture.js';
import { fill, fillJoint, fillMany, fillTargets } from './fill.js';
import { answerSchemas, schemaFiles } from './schemas.js';
import { score, scoreMany, scorePairs } from './score.js';
import { similar } from './similar.js';

/** A model that `lacuna train` made in 60 steps; goldens/README.md says how. */
const model = fileURLToPath(new URL('goldens/tiny-model', import.meta.url));
const asked = { model, threads: 1 };

const goldenSchema = z.object({
  sentences: z.array(z.string()),
  scores: z.object({ original: z.array(z.number()), within_word_l2r: z.array(z.number()) }),
  fills: z.array(
    z.object({ text: z.string(), tokens: z.array(z.number()), probabilities: z.array(z.number()) }),
  ),
});
const golden = goldenSchema.parse(
  JSON.parse(readFileSync(new URL('goldens/asking.golden.json', import.meta.url), 'utf8')),
);

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'lacuna-ask-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

describe('parity with Python minicons and transformers (goldens)', () => {
  it.each([
    ['original', golden.scores.original],
    ['within-word-l2r', golden.scores.within_word_l2r],
  ] as const)('scores by %s agree to 1e-3 nats', async (method, expected) => {
    const scores = await score({ ...asked, texts: golden.sentences, method, over: 'all' });
    for (const [index, own] of scores.entries()) {
      expect(Math.abs(-own.pseudoLogLikelihoodNats - (expected[index] ?? 0))).toBeLessThan(1e-3);
    }
  });

  it('fills agree to 1e-4 after removing special tokens and renormalising', async () => {
    const masks = await fill({ ...asked, text: golden.fills.map(({ text }) => text), topK: 10 });
    for (const [index, { tokens, probabilities }] of golden.fills.entries()) {
      const own = masks[index];
      if (!Array.isArray(own)) throw new Error('expected a list for each mask');
      expect(own.map(({ token }) => token)).toEqual(tokens);
      for (const [rank, { score: probability }] of own.entries()) {
        expect(Math.abs(probability - (probabilities[rank] ?? 0))).toBeLessThan(1e-4);
      }
    }
  });
});

describe('answers', () => {
  const text = 'The [MASK] of the [MASK] is great.';

  it('have the documented shapes', async () => {
    answerSchemas.fill.parse(await fill({ ...asked, text: 'The [MASK] of it' }));
    answerSchemas.fill.parse(await fill({ ...asked, text }));
    answerSchemas['fill-targets'].parse(
      await fillTargets({ ...asked, text, targets: ['the', 'great state'] }),
    );
    answerSchemas['fill-joint'].parse(await fillJoint({ ...asked, text, method: 'beam' }));
    answerSchemas.score.parse(await score({ ...asked, texts: ['The state is great. '.repeat(12)] }));
    answerSchemas['score-pairs'].parse(
      await scorePairs({ ...asked, pairs: [{ good: 'The state', bad: 'state the' }] }),
    );
    answerSchemas.embed.parse(await embed({ ...asked, texts: ['The state'], per: 'word' }));
    answerSchemas.similar.parse(
      await similar({ ...asked, query: 'The state', texts: ['a state', 'the war'] }),
    );
    answerSchemas.explain.parse(await explain({ ...asked, text, mask: 1, steps: 4 }));
  });

  it.each(Object.entries(schemaFiles()))('docs/schemas/%s is what the code says', async (name, content) => {
    const committed = await readFile(new URL(`../../docs/schemas/${name}`, import.meta.url), 'utf8');
    expect(JSON.parse(committed)).toEqual(content);
  });
});

describe('a file of texts', () => {
  const input = () => join(root, 'texts.txt');
  beforeAll(() => writeFile(input(), golden.sentences.join('\n').repeat(1)));
  const interruptedAfter = (batches: number) => {
    const controller = new AbortController();
    let seen = 0;
    return { signal: controller.signal, onProgress: () => ++seen > batches && controller.abort() };
  };

  it('is scored, interrupted and gone on with, to the same bytes', async () => {
    const many = join(root, 'many.txt');
    await writeFile(many, Array.from({ length: 300 }, (_, index) => `The state of ${index}.`).join('\n'));
    const whole = join(root, 'whole.jsonl');
    await scoreMany({ ...asked, input: many, output: { path: whole } });
    const path = join(root, 'parts.jsonl');
    const first = await scoreMany({ ...asked, input: many, output: { path }, ...interruptedAfter(1) });
    expect(first).toMatchObject({ interrupted: true, done: 128, total: 300 });
    await expect(stat(path)).rejects.toThrow('ENOENT');
    await expect(scoreMany({ ...asked, input: many, output: { path } })).rejects.toThrow(
      `an interrupted run left 128 records beside '${path}': go on with --resume`,
    );
    const other = { ...asked, input: many, method: 'original' as const, output: { path, resume: true } };
    await expect(scoreMany(other)).rejects.toThrow('asked something else');
    const second = await scoreMany({ ...asked, input: many, output: { path, resume: true } });
    expect(second).toMatchObject({ interrupted: false, done: 300 });
    expect(await readFile(path, 'utf8')).toBe(await readFile(whole, 'utf8'));
    await expect(scoreMany({ ...asked, input: many, output: { path } })).rejects.toThrow(
      'exists: choose another --out',
    );
  });

  it('is not gone on with from a state that is none', async () => {
    const many = join(root, 'some.txt');
    await writeFile(many, 'The state.\n');
    const path = join(root, 'broken.jsonl');
    await writeFile(`${path}.partial.json`, '{"done":');
    await expect(scoreMany({ ...asked, input: many, output: { path, resume: true } })).rejects.toThrow(
      `broken.jsonl.partial.json' is not the state of an interrupted run`,
    );
  });

  it('is filled, a line for each text', async () => {
    const masked = join(root, 'masked.jsonl');
    await writeFile(masked, '{"text": "The [MASK]"}\n\n{"text": "[MASK] is [MASK]"}\n');
    const lines: string[] = [];
    const output = (bytes: Uint8Array) => void lines.push(Buffer.from(bytes).toString());
    await fillMany({ ...asked, input: masked, output, topK: 2 });
    const records = lines
      .join('')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(records.map(({ index, masks }) => [index, masks.length])).toEqual([
      [0, 1],
      [1, 2],
    ]);
    lines.length = 0;
    await fillMany({ ...asked, input: masked, output, topK: 2, method: 'chain' });
    expect(lines.join('').match(/"method":"chain"/g)).toHaveLength(2);
  });

  it('is embedded as npy: a header, then f32[texts, H]', async () => {
    const path = join(root, 'vectors.npy');
    await embedMany({ ...asked, input: input(), output: { path }, outputFormat: 'npy', normalise: true });
    const bytes = await readFile(path);
    expect(bytes.subarray(0, 8).toString('latin1')).toBe('\u0093NUMPY\u0001\u0000');
    const headerEnd = 10 + bytes.readUInt16LE(8);
    expect(headerEnd % 64).toBe(0);
    expect(bytes.subarray(10, headerEnd).toString()).toContain(`'shape': (${golden.sentences.length}, 16)`);
    expect(bytes.length - headerEnd).toBe(golden.sentences.length * 16 * 4);
    const [own] = await embed({ ...asked, texts: golden.sentences.slice(0, 1), normalise: true });
    expect(bytes.readFloatLE(headerEnd + 4)).toBeCloseTo(own?.vector[1] ?? 0, 5);
  });

  it('is embedded as Parquet', async () => {
    const path = join(root, 'vectors.parquet');
    await embedMany({ ...asked, input: input(), output: { path }, outputFormat: 'parquet', per: 'word' });
    const bytes = await readFile(path);
    expect(bytes.subarray(0, 4).toString() + bytes.subarray(-4).toString()).toBe('PAR1PAR1');
    const nowhere = join(root, 'nowhere', 'vectors.parquet');
    await expect(
      embedMany({ ...asked, input: input(), output: { path: nowhere }, outputFormat: 'parquet' }),
    ).rejects.toThrow(`cannot write '${nowhere}': it does not exist`);
    await expect(
      embedMany({ ...asked, input: input(), output: { path }, outputFormat: 'npy', per: 'word' }),
    ).rejects.toThrow('.npy holds one vector for each text');
  });

  it('is scored as CSV; minimal pairs are read from CSV', async () => {
    const pairs = join(root, 'pairs.csv');
    await writeFile(pairs, 'sentence_good,sentence_bad\n"The state, great",The The\nsame,same\n');
    const lines: string[] = [];
    const result = await scoreMany({
      ...asked,
      input: pairs,
      pairs: true,
      outputFormat: 'csv',
      output: (bytes) => void lines.push(Buffer.from(bytes).toString()),
    });
    expect(result.summary).toMatchObject({ pairs: 2, ties: 1 });
    const [header, first, second] = lines.join('').trimEnd().split('\n');
    expect(header).toBe('index,good,bad,good_nats,bad_nats,difference_nats,tie,correct');
    expect(first).toMatch(/^0,"The state, great",The The,-/);
    expect(second).toMatch(/^1,same,same,.*,true,false$/);
  });

  it.each([
    ['bad.jsonl', '{"text": 1}\n', "bad.jsonl' line 1: expected a record with a field 'text'"],
    ['bad2.jsonl', '{"text"\n', "bad2.jsonl' line 1: expected one JSON value a line"],
    ['bad.csv', 'text\n"x\n', 'a double quote is out of place or never ends'],
    ['short.csv', 'text,more\nx\n', 'expected 2 fields as in the header, got 1'],
    ['empty.txt', ' \n\n', 'holds nothing to ask about'],
    ['latin.txt', Buffer.from('na\xefve\n', 'latin1'), 'is not UTF-8 text'],
  ])('%s is refused with its place', async (name, content, message) => {
    const path = join(root, name);
    await writeFile(path, content);
    await expect(scoreMany({ ...asked, input: path, output: () => undefined })).rejects.toThrow(message);
  });

  it('that is missing, or pairs as plain text, are errors', async () => {
    const output = () => undefined;
    await expect(scoreMany({ ...asked, input: join(root, 'none'), output })).rejects.toThrow('cannot read');
    await expect(scoreMany({ ...asked, input: input(), pairs: true, output })).rejects.toThrow(
      'minimal pairs are read from JSONL or CSV',
    );
  });
});

describe('embed and similar', () => {
  it('pool tokens to spans, words and texts', async () => {
    const text = 'The great state';
    const tokens = await embed({ ...asked, texts: [text], per: 'token' });
    const [whole] = await embed({ ...asked, texts: [text] });
    const mean = tokens.reduce((sum, { vector }) => sum + (vector[0] ?? 0) / tokens.length, 0);
    expect(whole?.vector[0]).toBeCloseTo(mean, 5);
    const [largest] = await embed({ ...asked, texts: [text], pooling: 'max' });
    expect(largest?.vector[0]).toBeCloseTo(Math.max(...tokens.map(({ vector }) => vector[0] ?? 0)), 5);
    const words = await embed({ ...asked, texts: [text], per: 'word' });
    expect(words.map(({ unit }) => unit)).toEqual(['The', 'great', 'state']);
    const [span] = await embed({ ...asked, texts: [text], per: 'span', spans: [[[4, 9]]] });
    expect(span?.vector).toEqual(words[1]?.vector);
  });

  it('mean-all takes in the special tokens around a text, and is of whole texts', async () => {
    // The last special token, which is what a text's own and the first leave of the sum, has the same place in both.
    const lasts = [];
    for (const text of ['The great state', 'The state great']) {
      const at = { ...asked, texts: [text], layer: 0 };
      const own = (await embed({ ...at, per: 'token' })).map(({ vector }) => vector[0] ?? 0);
      const sum = own.reduce((total, value) => total + value, 0);
      const [all] = await embed({ ...at, pooling: 'mean-all' });
      const [cls] = await embed({ ...at, pooling: 'cls' });
      lasts.push((all?.vector[0] ?? 0) * (own.length + 2) - sum - (cls?.vector[0] ?? 0));
    }
    expect(lasts[0]).toBeCloseTo(lasts[1] ?? 0, 4);
    expect(Math.abs(lasts[0] ?? 0)).toBeGreaterThan(0.01);
    await expect(embed({ ...asked, texts: ['a'], per: 'word', pooling: 'mean-all' })).rejects.toThrow(
      "expected per 'text', got 'word'",
    );
  });

  it('find a text itself first, and a word in context', async () => {
    const texts = golden.sentences;
    const [nearest] = await similar({ ...asked, query: texts[3] ?? '', texts });
    expect(nearest).toMatchObject({ index: 3 });
    expect(nearest?.similarity).toBeCloseTo(1, 5);
    const words = await similar({
      ...asked,
      query: 'The great state',
      word: 'great',
      texts: ['The great state', 'a b'],
    });
    expect(words[0]).toMatchObject({ unit: 'great', index: 0, start: 4, end: 9 });
  });

  it('refuse a layer, a span and a word that are not there', async () => {
    const texts = ['The state'];
    await expect(embed({ ...asked, texts, layer: 3 })).rejects.toThrow(
      'the model has layers 0 to 2, or -1 to -3; got 3',
    );
    await expect(embed({ ...asked, texts, per: 'span' })).rejects.toThrow('text 1 names no spans');
    await expect(embed({ ...asked, texts, per: 'span', spans: [[[50, 60]]] })).rejects.toThrow(
      '[50, 60) holds no token',
    );
    await expect(embed({ ...asked, texts: [' '] })).rejects.toThrow('text 1 is empty');
    await expect(similar({ ...asked, query: 'x', word: 'y', texts })).rejects.toThrow(
      "does not hold the word 'y'",
    );
    await expect(similar({ ...asked, query: 'x' })).rejects.toThrow('expected texts to search');
    await expect(score({ ...asked, texts: [''] })).rejects.toThrow('text 1 has nothing to score');
  });
});

describe('explain', () => {
  const text = 'The [MASK] of the great state is in the war.';

  it('integrated gradients are complete: they sum to what the text changes', async () => {
    const { integratedGradients, tokens, place } = await explain({ ...asked, text, steps: 64 });
    const { values, difference, completenessError } = integratedGradients;
    expect(Math.abs(difference)).toBeGreaterThan(0.01);
    expect(Math.abs(completenessError)).toBeLessThan(1e-3);
    expect(values).toHaveLength(tokens.length);
    expect([values[0], values[place], values.at(-1)]).toEqual([0, 0, 0]); // what the baseline leaves as it is
  });

  it('occlusion is what masking a token changes, attention sums to 1 in every head', async () => {
    const { occlusion, attention, target, tokens } = await explain({
      ...asked,
      text,
      target: 'the',
      steps: 2,
    });
    const [[full] = []] = await fillTargets({ ...asked, text, targets: ['the'] });
    const without = text.replace(' of ', ' [MASK] ');
    const [[occluded] = []] = await fillTargets({ ...asked, text: without, targets: ['the'] });
    const change = (full?.log_probability ?? 0) - (occluded?.log_probability ?? 0);
    expect(occlusion[tokens.indexOf('of')]).toBeCloseTo(change, 4);
    expect(target.token).toBe('the');
    expect([attention.length, attention[0]?.length]).toEqual([2, 2]);
    for (const head of attention.flat())
      expect(head.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 4);
  });

  it('is drawn with a figure on hover for every token, and nothing of the text as markup', async () => {
    const explanation = await explain({ ...asked, text: 'The [MASK] of <b> & "state"', steps: 2 });
    const svg = explanationSvg(explanation);
    expect(svg.match(/<rect /g)).toHaveLength(1 + explanation.tokens.length * 7);
    expect(svg.match(/<title>/g)).toHaveLength(1 + explanation.tokens.length * 7);
    const html = explanationHtml(explanation);
    expect(html).toContain(svg);
    expect(html).not.toContain('<b> &');
  });

  it('refuses a mask and a target that are not there', async () => {
    await expect(explain({ ...asked, text, mask: 1 })).rejects.toThrow(
      'the text has 1 masks, there is no mask 2',
    );
    await expect(explain({ ...asked, text, target: 'two words' })).rejects.toThrow(
      "'two words' is not one ordinary token",
    );
  });
});

describe('fillJoint and fillTargets', () => {
  it('refuse targets of several tokens in joint fills, and none', async () => {
    const options = { ...asked, text: '[MASK] [MASK]', targets: ['the great'] };
    await expect(fillJoint(options)).rejects.toThrow(
      "the target 'the great' is not one token of the vocabulary",
    );
    await expect(fillTargets({ ...options, targets: [] })).rejects.toThrow('expected at least one target');
  });

  it('restrict joint fills to targets', async () => {
    const { fillings } = await fillJoint({
      ...asked,
      text: '[MASK] [MASK]',
      targets: ['the', 'of'],
      method: 'exact',
    });
    expect(fillings).toHaveLength(4);
    expect(fillings.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 6);
  });
});
