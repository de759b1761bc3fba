import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { RandomPurpose, RandomStream, sizeOf } from '../core/index.js';
import {
  familyNamed,
  type LanguageModel,
  type NewModel,
  type ParameterValue,
  type ParameterValues,
  readModel,
} from '../model/index.js';
import { trainWordPiece } from '../tokenize/index.js';
import { formatConfigJson } from './config-json.js';
import { MODEL_FILES, openCheckpoint, saveModelDirectory } from './index.js';

const sizesSchema: z.ZodType<NewModel> = z.looseObject({
  vocabSize: z.number(),
  hiddenSize: z.number(),
  numHiddenLayers: z.number(),
  numAttentionHeads: z.number(),
  intermediateSize: z.number(),
  maxTokens: z.number(),
  initializerRange: z.number(),
  padTokenId: z.number(),
  clsTokenId: z.number(),
  sepTokenId: z.number(),
  maskTokenId: z.number(),
});
const caseSchema = z.object({
  name: z.string(),
  config: z.looseObject({ model_type: z.string() }),
  safetensors: z.base64(),
});
const schema = z.object({ sizes: sizesSchema, cases: z.array(caseSchema) });

// Directories that Lacuna wrote, opened and saved by transformers (bench/round-trip/run.mjs --golden).
const golden = new URL('./goldens/round-trip.golden.json', import.meta.url);
const { sizes, cases } = schema.parse(JSON.parse(await readFile(golden, 'utf8')));

const tokenizer = trainWordPiece(['the state s of union'], { vocabSize: 24, minFrequency: 0 });

/** What the script gave the model: no two values alike. */
function weightsOf(model: LanguageModel): ParameterValues {
  const random = new RandomStream(0, RandomPurpose.initialisation);
  const draw = (shape: readonly number[]): ParameterValue => ({
    shape,
    data: Float32Array.from({ length: sizeOf(shape) }, () => random.nextFloat() - 0.5),
  });
  return new Map(model.parameters.map(({ name, shape }) => [name, draw(shape)]));
}

function modelOf(name: string): LanguageModel {
  const [modelType = ''] = name.split(' ');
  const tied = familyNamed(modelType, 'the golden').create(sizes);
  if (!name.endsWith('untied')) return tied;
  return readModel({ ...tied.toHuggingFace(), tie_word_embeddings: false }, modelType);
}

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'lacuna-round-trip-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function write(dir: string, model: LanguageModel, weights: ParameterValues): Promise<void> {
  const files = { config: model.toHuggingFace(), weights, tokenizer, card: '# Round trip\n' };
  await saveModelDirectory(dir, files, { overwrite: false });
}

const weightFile = (dir: string) => readFile(join(dir, MODEL_FILES.weights));

describe.each(cases)(
  '$name, written here, opened and saved by transformers',
  ({ name, config, safetensors }) => {
    it('opens with the same bits in every weight, and is written as it was', async () => {
      const model = modelOf(name);
      const weights = weightsOf(model);
      const before = join(root, 'before');
      await write(before, model, weights);
      const saved = join(root, 'saved');
      await write(saved, model, weights);
      await writeFile(join(saved, MODEL_FILES.config), JSON.stringify(config));
      await writeFile(join(saved, MODEL_FILES.weights), Buffer.from(safetensors, 'base64'));
      const opened = await openCheckpoint(saved);
      expect(opened.model.task).toBe('fill-mask');
      const inOrder = new Map(
        model.parameters.map(({ name }) => [name, opened.parameters.get(name) as ParameterValue]),
      );
      expect([...opened.parameters.keys()].sort()).toEqual([...weights.keys()].sort());
      await write(join(root, 'again'), opened.model, inOrder);
      expect((await weightFile(join(root, 'again'))).equals(await weightFile(before))).toBe(true);
    });
  },
);

describe('config.json', () => {
  it('writes floats that are whole as Python reads floats, where transformers insists', () => {
    const config = { vocab_size: 24, rope_theta: 10_000, hidden_dropout_prob: 0, layer_norm_eps: 1e-5 };
    const text = formatConfigJson({ ...config, nested: { rope_theta: 5 }, norm_eps: 1 });
    expect(text).toBe(`{
  "vocab_size": 24,
  "rope_theta": 10000.0,
  "hidden_dropout_prob": 0.0,
  "layer_norm_eps": 0.00001,
  "nested": {
    "rope_theta": 5
  },
  "norm_eps": 1.0
}
`);
    expect(JSON.parse(text)).toEqual({ ...config, nested: { rope_theta: 5 }, norm_eps: 1 });
  });
});
