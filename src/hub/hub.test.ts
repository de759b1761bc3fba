import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  truncate,
  unlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileError, FormatError } from '../core/index.js';
import { encodeSafetensors } from '../formats/index.js';
import { trainWordPiece } from '../tokenize/index.js';
import {
  assertWritableTarget,
  type LacunaJson,
  type ModelFiles,
  modelCard,
  openModelDirectory,
  parseLacunaJson,
  saveModelDirectory,
} from './index.js';

const lacuna: LacunaJson = {
  formatVersion: 1,
  lacunaVersion: '0.1.0',
  createdAt: '2026-01-02T03:04:05.678Z',
  data: {
    fingerprint: 'abc123',
    documents: 233,
    heldOutDocuments: 12,
    trainBytes: 9_000_000,
    heldOutBytes: 400_000,
  },
  masking: { policy: 'bert', rate: 0.15, replacedByMask: 0.8, replacedByRandom: 0.1, kept: 0.1 },
  training: {
    seed: 0,
    budgetMs: 120_000,
    steps: 900,
    tokens: 3_686_400,
    trainMs: 119_500,
    interrupted: false,
    batchSize: 32,
    sequenceLength: 128,
    learningRate: 0.003,
  },
  model: { parameters: 1_234_567 },
  heldOut: {
    lossNats: 4.321,
    perplexity: 75.26,
    accuracy: 0.254,
    top5Accuracy: 0.456,
    bitsPerByte: 1.234,
    maskedTokens: 9876,
    baselines: { unigram: { lossNats: 5.6, accuracy: 0.08 }, cloze: { lossNats: 4.9, accuracy: 0.22 } },
    seed: 0,
  },
  versions: { node: 'v20.0.0', onnxruntime: '1.30.0' },
  machine: { cpu: 'A CPU', cores: 2, threads: 2 },
};

const tokenizer = trainWordPiece(['the state of the union is strong'], { vocabSize: 60 });

const files: ModelFiles = {
  config: { model_type: 'modernbert', max_position_embeddings: 128 },
  weights: new Map([['a.weight', { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) }]]),
  tokenizer,
  lacuna,
  card: modelCard({
    name: 'test',
    modelType: 'modernbert',
    isLacunasOwn: false,
    maskToken: '[MASK]',
    lacuna,
  }),
  extra: new Map([['baselines.bin', Uint8Array.of(1, 2, 3)]]),
};

let root: string;
let dir: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'lacuna-hub-'));
  dir = join(root, 'deep', 'model');
});
afterEach(() => rm(root, { recursive: true, force: true }));

const readJson = async (name: string) => JSON.parse(await readFile(join(dir, name), 'utf8'));

describe('saveModelDirectory', () => {
  it('writes what openModelDirectory reads, and nothing else', async () => {
    await saveModelDirectory(dir, files, { overwrite: false });
    expect((await readdir(dir)).sort()).toEqual([
      'README.md',
      'baselines.bin',
      'config.json',
      'lacuna.json',
      'model.safetensors',
      'special_tokens_map.json',
      'tokenizer.json',
      'tokenizer_config.json',
    ]);
    expect(await readdir(join(root, 'deep'))).toEqual(['model']);
    const model = await openModelDirectory(dir);
    expect(model.config).toEqual(files.config);
    expect([...model.weights]).toEqual([...files.weights]);
    expect(model.lacuna).toEqual(lacuna);
    expect(model.tokenizer.encode('the [MASK] of the union')).toEqual(
      tokenizer.encode('the [MASK] of the union'),
    );
    expect([...((await model.extra('baselines.bin')) ?? [])]).toEqual([1, 2, 3]);
    expect(await model.extra('other.bin')).toBeUndefined();
    await expect(model.extra('../secret')).rejects.toThrow(FormatError);
  });

  it('writes what transformers reads', async () => {
    await saveModelDirectory(dir, files, { overwrite: false });
    const special = {
      unk_token: '[UNK]',
      sep_token: '[SEP]',
      pad_token: '[PAD]',
      cls_token: '[CLS]',
      mask_token: '[MASK]',
    };
    expect(await readJson('special_tokens_map.json')).toEqual(special);
    expect(await readJson('tokenizer_config.json')).toEqual({
      tokenizer_class: 'PreTrainedTokenizerFast',
      model_max_length: 128,
      model_input_names: ['input_ids', 'attention_mask'],
      clean_up_tokenization_spaces: false,
      ...special,
    });
  });

  it('writes files into the folder of ONNX files, large ones part by part, and no deeper', async () => {
    const parts = [Uint8Array.of(1, 2), new Uint8Array(0), Uint8Array.of(3)];
    const extra = new Map([['onnx/model.onnx', parts]]);
    await saveModelDirectory(dir, { ...files, extra }, { overwrite: false });
    expect([...(await readFile(join(dir, 'onnx', 'model.onnx')))]).toEqual([1, 2, 3]);
    for (const name of ['onnx/../x', '/x', 'a/b/c', 'onnx/.x', 'config.json']) {
      const refused = { ...files, extra: new Map([[name, parts]]) };
      await expect(saveModelDirectory(dir, refused, { overwrite: true })).rejects.toThrow(FormatError);
    }
  });

  it('leaves lacuna.json out of a model that Lacuna did not train', async () => {
    const { lacuna: _, ...others } = files;
    await saveModelDirectory(dir, others, { overwrite: false });
    expect(await readdir(dir)).not.toContain('lacuna.json');
    expect((await openModelDirectory(dir)).lacuna).toBeUndefined();
  });

  it('replaces a model only when told to', async () => {
    await saveModelDirectory(dir, files, { overwrite: false });
    await expect(saveModelDirectory(dir, files, { overwrite: false })).rejects.toThrow(/pass --overwrite/);
    await saveModelDirectory(dir, { ...files, extra: new Map() }, { overwrite: true });
    expect(await readdir(dir)).not.toContain('baselines.bin');
    expect(await readdir(join(root, 'deep'))).toEqual(['model']);
  });

  it('follows a symbolic link instead of replacing it', async () => {
    await saveModelDirectory(dir, files, { overwrite: false });
    const link = join(root, 'link');
    await symlink(dir, link);
    await saveModelDirectory(link, { ...files, extra: new Map() }, { overwrite: true });
    expect(await readdir(dir)).not.toContain('baselines.bin');
    expect((await readdir(root)).sort()).toEqual(['deep', 'link']);
  });

  it('leaves the old model and no litter when writing fails half-way', async () => {
    await saveModelDirectory(dir, files, { overwrite: false });
    const before = await readFile(join(dir, 'lacuna.json'));
    const failing = { ...files, extra: new Map([['x'.repeat(300), new Uint8Array(1)]]) };
    const saving = saveModelDirectory(dir, failing, { overwrite: true });
    await expect(saving).rejects.toThrow(/cannot write '.*': the name is too long/);
    await expect(saving).rejects.toBeInstanceOf(FileError);
    expect(await readFile(join(dir, 'lacuna.json'))).toEqual(before);
    expect((await readdir(dir)).length).toBe(8);
    expect(await readdir(join(root, 'deep'))).toEqual(['model']);
  });

  it.each(['../x', 'a/b', '.hidden', '', 'config.json'])('refuses the extra file %j', async (name) => {
    const extra = new Map([[name, new Uint8Array(1)]]);
    await expect(saveModelDirectory(dir, { ...files, extra }, { overwrite: false })).rejects.toThrow(
      FormatError,
    );
    expect(await readdir(root)).toEqual([]);
  });
});

describe('assertWritableTarget', () => {
  const check = (path: string, overwrite = false) => assertWritableTarget(path, { overwrite });

  it('accepts an absent and an empty directory and leaves nothing behind', async () => {
    await check(dir);
    expect(await readdir(root)).toEqual([]);
    await mkdir(dir, { recursive: true });
    await check(dir);
    expect(await readdir(dir)).toEqual([]);
  });

  it('refuses a directory with other things in it, even with overwrite', async () => {
    await mkdir(dir, { recursive: true });
    await writeFile(join(dir, 'thesis.tex'), '');
    await expect(check(dir, true)).rejects.toThrow(/is not empty.*choose another --out/);
  });

  it('refuses a file and a path through a file', async () => {
    const file = join(root, 'file');
    await writeFile(file, '');
    await expect(check(file)).rejects.toThrow(/expected a directory/);
    await expect(check(join(file, 'model'))).rejects.toThrow(/not a directory/);
    await expect(check(join(file, 'model'))).rejects.toBeInstanceOf(FileError);
  });

  // Root may write where others may not, so a file system that creates nothing stands in for a read-only one.
  it.runIf(process.platform === 'linux')('refuses a place where nothing can be created', async () => {
    await expect(check('/proc/lacuna/model')).rejects.toThrow(/cannot write .* in '\/proc'/);
  });
});

describe('openModelDirectory', () => {
  it('says what to do about a missing directory, a file, and a missing part', async () => {
    await expect(openModelDirectory(dir)).rejects.toThrow(/does not exist; .*lacuna train/);
    await saveModelDirectory(dir, files, { overwrite: false });
    await expect(openModelDirectory(join(dir, 'config.json'))).rejects.toThrow(/got a file/);
    await unlink(join(dir, 'model.safetensors'));
    await expect(openModelDirectory(dir)).rejects.toThrow(/model\.safetensors' is missing/);
  });

  it('opens a directory without lacuna.json and with half-precision weights', async () => {
    await saveModelDirectory(dir, files, { overwrite: false });
    await unlink(join(dir, 'lacuna.json'));
    const bits = { shape: [1], data: Uint16Array.of(0x3e00) };
    const bytes = encodeSafetensors(new Map([['h', bits]]));
    const text = new TextDecoder('latin1').decode(bytes).replace('"U16"', '"F16"');
    await writeFile(join(dir, 'model.safetensors'), Buffer.from(text, 'latin1'));
    const model = await openModelDirectory(dir);
    expect(model.lacuna).toBeUndefined();
    expect(model.weights.get('h')?.data).toEqual(Float32Array.of(1.5));
  });

  it.each([
    ['config.json', '[]', /config\.json: expected a JSON object/],
    ['config.json', '{', /config\.json: expected JSON/],
    ['tokenizer.json', '{}', /tokenizer\.json/],
    ['lacuna.json', '{"formatVersion":1}', /lacuna\.json: lacunaVersion/],
    ['model.safetensors', '', /model\.safetensors: expected at least 8 bytes/],
  ])('names a damaged %s', async (name, content, message) => {
    await saveModelDirectory(dir, files, { overwrite: false });
    await writeFile(join(dir, name), content);
    const opening = openModelDirectory(dir);
    await expect(opening).rejects.toThrow(message);
    await expect(opening).rejects.toBeInstanceOf(FormatError);
  });

  it('names weights that were cut short', async () => {
    await saveModelDirectory(dir, files, { overwrite: false });
    await truncate(join(dir, 'model.safetensors'), 90);
    await expect(openModelDirectory(dir)).rejects.toThrow(/model\.safetensors.* (is cut short|ends at byte)/);
  });
});

describe('lacuna.json', () => {
  it('of an unknown version names both versions', () => {
    expect(() => parseLacunaJson({ ...lacuna, formatVersion: 2 }, 'lacuna.json')).toThrow(
      /format version 2, but this Lacuna reads version 1/,
    );
  });

  it('needs no baselines and no time budget', () => {
    const { baselines: _, ...heldOut } = lacuna.heldOut;
    const other = { ...lacuna, heldOut, training: { ...lacuna.training, budgetMs: null } };
    expect(parseLacunaJson(other, 'lacuna.json')).toEqual(other);
  });
});

describe('modelCard', () => {
  it('begins with front matter and holds the real figures', () => {
    const card = modelCard({
      name: 'two\nlines',
      source: 'old speeches',
      modelType: 'modernbert',
      isLacunasOwn: false,
      maskToken: '[MASK]',
      lacuna,
    });
    expect(card).toMatch(
      /^---\nlibrary_name: transformers\npipeline_tag: fill-mask\n.*?\n---\n\n# two lines\n/s,
    );
    expect(card).toContain('mask_token: "[MASK]"');
    for (const figure of ['4.321', '25.4 %', '5.600', '4.900', '1,234,567', '9,876', 'old speeches']) {
      expect(card).toContain(figure);
    }
  });
});
