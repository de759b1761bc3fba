import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError, FileError, FormatError } from '../core/index.js';
import { encodeSafetensors, type TensorInput } from '../formats/index.js';
import { openCheckpoint } from '../hub/index.js';
import { families, initialParameters, type LanguageModel } from '../model/index.js';
import { tinySizes } from '../model/testing/index.js';
import { residueTokenizer } from '../tokenize/index.js';
import { importModel } from './import-model.js';

const esm = families
  .find(({ modelType }) => modelType === 'esm')
  ?.create({ ...tinySizes, vocabSize: 33, maskTokenId: 32, padTokenId: 1 }) as LanguageModel;
const VOCABULARY = [...Array(33).keys()].map((id) => residueTokenizer().idToToken(id)).join('\n');

let root: string;
let source: string;
let out: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'lacuna-import-'));
  source = join(root, 'checkpoint');
  out = join(root, 'model');
  await mkdir(source);
  await checkpoint(esm.toHuggingFace(), initialParameters(esm, { seed: 1 }));
  await writeFile(join(source, 'vocab.txt'), VOCABULARY);
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function checkpoint(config: object, tensors: ReadonlyMap<string, TensorInput>): Promise<void> {
  await writeFile(join(source, 'config.json'), JSON.stringify(config));
  await writeFile(join(source, 'model.safetensors'), encodeSafetensors(tensors));
}

const run = (overwrite = false) => importModel({ directory: source, out, overwrite });

describe('importModel', () => {
  it('converts an ESM that has a vocab.txt alone, and replaces what it wrote only when told to', async () => {
    expect(await run()).toMatchObject({ modelType: 'esm', task: 'fill-mask', missing: [], unexpected: [] });
    expect(await readdir(out)).toContain('tokenizer.json');
    const { opened } = await openCheckpoint(out);
    expect(opened.tokenizer.encode('MK<mask>').ids).toEqual(residueTokenizer().encode('MK<mask>').ids);
    await expect(run()).rejects.toThrow(/already holds a model; .*--overwrite/);
    await checkpoint(esm.toHuggingFace(), initialParameters(esm, { seed: 2 }));
    await run(true);
    const written = (await openCheckpoint(out)).parameters.get(esm.embeddings);
    expect(written?.data).toEqual(initialParameters(esm, { seed: 2 }).get(esm.embeddings)?.data);
  });

  it.each<[string, string, string]>([
    ['a file of another kind beside the model', 'notes.txt', 'mine'],
    ["another's card", 'README.md', '---\ntags:\n- esm\n---\nhow to use lacuna:\n\n- lacuna\n'],
    ['a card without front matter', 'README.md', '- lacuna\n'],
  ])('does not replace a directory with %s', async (_, name, content) => {
    await run();
    await writeFile(join(out, name), content);
    await expect(run(true)).rejects.toThrow(/holds no lacuna\.json, so it is not replaced/);
    await expect(run(true)).rejects.toBeInstanceOf(FileError);
    expect(await readFile(join(out, name), 'utf8')).toBe(content);
  });

  it.each<[string, () => Promise<void>, typeof FileError | typeof FormatError | typeof ConfigError, RegExp]>([
    ['no checkpoint', () => rm(source, { recursive: true }), FileError, /does not exist/],
    ['no tokenizer', () => rm(join(source, 'vocab.txt')), FileError, /vocab\.txt of a BERT or an ESM/],
    [
      'a token twice',
      () => writeFile(join(source, 'vocab.txt'), '<cls>\nA\nA\n'),
      FormatError,
      /vocab\.txt:3: the token "A" occurs twice/,
    ],
    [
      'more tokens than the model',
      () => writeFile(join(source, 'vocab.txt'), `${VOCABULARY}\nJ`),
      FormatError,
      /the tokenizer has 34 tokens, but the model has 33/,
    ],
    [
      'a family that Lacuna does not have',
      () => checkpoint({ ...esm.toHuggingFace(), model_type: 'gpt2' }, new Map()),
      ConfigError,
      /gpt2/,
    ],
    ['no weights', () => rm(join(source, 'model.safetensors')), FileError, /model\.safetensors' is missing/],
  ])('refuses %s and writes nothing', async (_, breakIt, errorClass, message) => {
    await breakIt();
    await expect(run()).rejects.toThrow(message);
    await expect(run()).rejects.toBeInstanceOf(errorClass);
    expect(await readdir(root)).not.toContain('model');
  });
});
