import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env, pipeline } from '@huggingface/transformers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { exportModel } from '../src/api/index.js';
import { lacuna } from './command.js';

const NOUNS = ['run', 'walk', 'talk', 'cook', 'play', 'watch'];
const DETERMINERS = ['the', 'a', 'this', 'every'];
const PRONOUNS = ['we', 'they', 'you', 'people'];

/** "the run", "we run": the same words, whose tag only their neighbour tells. */
function phrase(index: number): { words: string[]; tags: string[] } {
  const half = Math.floor(index / 2);
  const pick = (words: readonly string[], stride: number) => words[(half * stride + 1) % words.length] ?? '';
  const isNoun = index % 2 === 0;
  const first = isNoun ? pick(DETERMINERS, 3) : pick(PRONOUNS, 3);
  return { words: [first, pick(NOUNS, 5), '.'], tags: [isNoun ? 'D' : 'P', isNoun ? 'N' : 'V', '.'] };
}

const sentence = (index: number) => [phrase(index), phrase(index * 7 + Math.floor(index / 3))];

let root: string;
let base: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'lacuna-tune-'));
  base = join(root, 'base');
  const corpus = join(root, 'corpus');
  await mkdir(corpus);
  const sentences = Array.from({ length: 400 }, (_, index) => sentence(index));
  for (let document = 0; document < 40; document++) {
    const own = sentences.slice(document * 10, document * 10 + 10);
    const words = own.flatMap((phrases) => phrases.flatMap((each) => each.words));
    await writeFile(join(corpus, `${document}.txt`), words.join(' '));
  }
  const conll = sentences.map((phrases) =>
    phrases.flatMap(({ words, tags }) => words.map((word, index) => `${word}\t${tags[index]}`)).join('\n'),
  );
  await writeFile(join(root, 'tags.conll'), `${conll.join('\n\n')}\n`);
  const labelled = sentences.map((phrases) => {
    const text = phrases.flatMap(({ words }) => words).join(' ');
    return JSON.stringify({ text, label: phrases[0]?.tags[0] === 'D' ? 'thing' : 'person' });
  });
  await writeFile(join(root, 'texts.jsonl'), labelled.join('\n'));
  const sizes = ['--vocab-size', '200', '--sequence-length', '32', '--layers', '1', '--hidden', '32'];
  const { status, stderr } = await lacuna(
    ...['train', corpus, '--out', base, '--steps', '60', '--heads', '2', '--feed-forward', '64'],
    ...sizes,
  );
  expect(status, stderr).toBe(0);
  env.allowRemoteModels = false;
  env.localModelPath = root;
});
afterAll(() => rm(root, { recursive: true, force: true }));

const scores = z.object({ accuracy: z.number(), macroF1: z.number() });
const resultSchema = z.object({
  labels: z.array(z.string()),
  epochs: z.array(z.object({ validationScore: z.number() })),
  bestEpoch: z.number(),
  test: scores,
  networkAlone: scores.optional(),
  baselines: z.record(z.string(), scores),
});

async function tune(...args: readonly string[]) {
  const { status, stdout, stderr } = await lacuna('tune', ...args, '--from', base, '--json');
  expect(status, stderr).toBe(0);
  return resultSchema.parse(JSON.parse(stdout));
}

describe('lacuna tune tag', () => {
  it('learns tags that only the neighbour tells, and beats the most frequent tag', async () => {
    const out = join(root, 'tagger');
    const result = await tune('tag', join(root, 'tags.conll'), '--out', out, '--epochs', '6');
    expect(result.labels).toEqual(['.', 'D', 'N', 'P', 'V']);
    const baseline = result.baselines['most frequent tag']?.accuracy ?? 1;
    expect(baseline).toBeLessThan(0.95);
    expect(result.test.accuracy).toBeGreaterThan(baseline + 0.03);
    const best = Math.max(...result.epochs.map(({ validationScore }) => validationScore));
    expect(result.epochs[result.bestEpoch - 1]?.validationScore).toBe(best);
    const { stdout } = await lacuna('tag', 'the run. we run.', '--model', out, '--json');
    const words = JSON.parse(stdout)[0] as { word: string; entity: string; start: number }[];
    expect(words.map(({ word }) => word)).toEqual(['the', 'run', '.', 'we', 'run', '.']);
    expect(words.map(({ entity }) => entity)).toEqual(['D', 'N', '.', 'P', 'V', '.']);
    expect(words[4]?.start).toBe(12);
  });
});

describe('lacuna tune classify', () => {
  it('beats the majority, writes its labels, and transformers.js gives the same classes', async () => {
    const out = join(root, 'classifier');
    const result = await tune('classify', join(root, 'texts.jsonl'), '--out', out, '--epochs', '8');
    expect(result.test.accuracy).toBeGreaterThan((result.baselines.majority?.accuracy ?? 1) + 0.2);
    const config = JSON.parse(await readFile(join(out, 'config.json'), 'utf8'));
    expect(config.architectures).toEqual(['ModernBertForSequenceClassification']);
    expect(config.id2label).toEqual({ 0: 'person', 1: 'thing' });
    expect(config.label2id).toEqual({ person: 0, thing: 1 });
    expect(await readFile(join(out, 'README.md'), 'utf8')).toContain('| bag of words |');
    const texts = ['the run . we walk .', 'people talk . the talk . they cook .'];
    const ours = JSON.parse((await lacuna('classify', ...texts, '--model', out, '--json')).stdout);
    await exportModel({ model: out, out: join(root, 'exported'), format: 'onnx' });
    const classify = await pipeline('text-classification', 'exported', { dtype: 'fp32' });
    const theirs = (await classify(texts, { top_k: 2 })) as { label: string; score: number }[][];
    for (const [index, classes] of theirs.entries()) {
      expect(classes.map(({ label }) => label)).toEqual(
        ours[index].map(({ label }: { label: string }) => label),
      );
      expect(Math.abs((classes[0]?.score ?? 0) - ours[index][0].score)).toBeLessThan(1e-4);
    }
    await classify.dispose();
  });

  it('with a linear model beside it knows an order of words that a frozen body does not, here and as ONNX', async () => {
    const data = join(root, 'orders.jsonl');
    const words = ['run', 'walk', 'talk', 'cook'];
    const lines = Array.from({ length: 400 }, (_, index) => {
      const ours = (index + Math.floor(index / 4)) % 2 === 0;
      const text = `${words[index % 4]} . ${ours ? 'we they' : 'they we'} . ${words[(index * 3 + 1) % 4]}`;
      return JSON.stringify({ text, label: ours ? 'x' : 'y' });
    });
    await writeFile(data, lines.join('\n'));
    const out = join(root, 'wide');
    const result = await tune('classify', data, '--out', out, '--epochs', '1', '--freeze-body', '--wide');
    expect(result.test.accuracy).toBe(1);
    expect(result.networkAlone?.accuracy).toBeLessThan(0.8);
    expect(result.baselines['bag of words']?.accuracy).toBeLessThan(0.8);
    expect(await readFile(join(out, 'README.md'), 'utf8')).toContain('| its network alone |');
    const texts = ['cook . we they . run', 'run . they we . talk . walk'];
    const ours = JSON.parse((await lacuna('classify', ...texts, '--model', out, '--json')).stdout);
    expect(ours.map((classes: { label: string }[]) => classes[0]?.label)).toEqual(['x', 'y']);
    const exported = join(root, 'wide-exported');
    await exportModel({ model: out, out: exported, format: 'onnx', quantize: ['int8', 'fp16'] });
    // transformers.js goes by the type, which it does not have; the graph is all there is to it.
    const config = JSON.parse(await readFile(join(exported, 'config.json'), 'utf8'));
    await writeFile(join(exported, 'config.json'), JSON.stringify({ ...config, model_type: 'modernbert' }));
    for (const [dtype, tolerance] of [
      ['fp32', 1e-4],
      ['q8', 0.05],
      ['fp16', 5e-3],
    ] as const) {
      const classify = await pipeline('text-classification', 'wide-exported', { dtype });
      const theirs = (await classify(texts)) as { label: string; score: number }[];
      for (const [index, { label, score }] of theirs.entries()) {
        expect(label).toBe(ours[index][0].label);
        expect(Math.abs(score - ours[index][0].score), dtype).toBeLessThan(tolerance);
      }
      await classify.dispose();
    }
    const refused = await lacuna('export', '--model', out, '--format', 'hf', '--out', join(root, 'no-hf'));
    expect(refused.status).toBe(2);
    expect(refused.stderr).toContain('transformers has no model of the type lacuna-wide');
    const again = await lacuna(
      ...['tune', 'classify', data, '--from', out, '--out', join(root, 'again'), '--epochs', '1'],
    );
    expect(again.status, again.stderr).toBe(0);
  });

  it('reads longer texts than the model was trained on, unless told not to', async () => {
    const data = join(root, 'long.jsonl');
    const filler = 'the walk . this talk . every play . '.repeat(4);
    const lines = Array.from({ length: 300 }, (_, index) => {
      const [word, label] = index % 2 === 0 ? ['run', 'x'] : ['people', 'y'];
      return JSON.stringify({ text: `${filler}${`${word} `.repeat(6 + (index % 5))}`, label });
    });
    await writeFile(data, lines.join('\n'));
    const out = join(root, 'long');
    const short = await tune(
      'classify',
      data,
      '--out',
      join(root, 'short'),
      '--epochs',
      '3',
      '--sequence-length',
      '32',
    );
    const long = await tune('classify', data, '--out', out, '--epochs', '3');
    expect(short.test.accuracy).toBeLessThan(0.8);
    expect(long.test.accuracy).toBe(1);
    expect(JSON.parse(await readFile(join(out, 'config.json'), 'utf8')).max_position_embeddings).toBe(48);
    expect((await lacuna('classify', 'the run .', '--model', out)).status).toBe(0);
  });

  it('with a frozen body leaves every weight of the encoder as it was', async () => {
    const out = join(root, 'frozen');
    const data = join(root, 'texts.jsonl');
    await tune('classify', data, '--out', out, '--epochs', '2', '--freeze-body');
    const { openModelDirectory } = await import('../src/hub/index.js');
    const [before, after] = [await openModelDirectory(base), await openModelDirectory(out)];
    const body = [...after.weights.keys()].filter((name) => name.startsWith('model.'));
    expect(body.length).toBeGreaterThan(5);
    for (const name of body) expect(after.weights.get(name)?.data).toEqual(before.weights.get(name)?.data);
    expect(after.weights.get('head.dense.weight')?.data).not.toEqual(
      before.weights.get('head.dense.weight')?.data,
    );
  });

  it('says what is wrong in one line', async () => {
    await writeFile(join(root, 'one.jsonl'), '{"text":"a","label":"x"}');
    const bad = ['tune', 'classify', join(root, 'one.jsonl'), '--from', base, '--out', join(root, 'no')];
    const { status, stderr } = await lacuna(...bad);
    expect(status).toBe(1);
    expect(stderr).toContain('expected at least two different labels, got x');
    const wrong = await lacuna('classify', 'a text', '--model', base);
    expect(wrong.status).toBe(2);
    expect(wrong.stderr).toContain('expected a model for text-classification, got one for fill-mask');
  });
});
