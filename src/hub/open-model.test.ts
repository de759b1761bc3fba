import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FormatError } from '../core/index.js';
import { encodeSafetensors, type TensorInput } from '../formats/index.js';
import { families, initialParameters, type LanguageModel, readModel } from '../model/index.js';
import { tinySizes } from '../model/testing/index.js';
import { openBody, openCheckpoint } from './index.js';
import { readTokenizer } from './open-tokenizer.js';

const VOCABULARY = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', 'the', 'state', '##s', 'of', 'union'];

const sizes = { ...tinySizes, vocabSize: VOCABULARY.length, hiddenSize: 12, numHiddenLayers: 2 };

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lacuna-open-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const model = (family: string): LanguageModel =>
  families.find(({ modelType }) => modelType === family)?.create(sizes) as LanguageModel;

async function write(
  config: Record<string, unknown>,
  tensors: ReadonlyMap<string, TensorInput>,
): Promise<void> {
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, 'vocab.txt'), `${VOCABULARY.join('\n')}\n`);
  await writeFile(join(dir, 'config.json'), JSON.stringify(config));
  await writeFile(join(dir, 'model.safetensors'), encodeSafetensors(tensors));
}

describe.each(families.map(({ modelType }) => modelType))('a checkpoint of %s', (family) => {
  it('opens with every parameter, and its configuration reads back as it was', async () => {
    const made = model(family);
    const values = initialParameters(made, { seed: 1 });
    await write(made.toHuggingFace(), values);
    const opened = await openCheckpoint(dir);
    expect(opened.model.toHuggingFace()).toEqual(made.toHuggingFace());
    expect(opened.model.task).toBe('fill-mask');
    expect(opened.unexpected).toEqual([]);
    expect([...opened.parameters.keys()].sort()).toEqual([...values.keys()].sort());
    for (const [name, { data }] of values) expect(opened.parameters.get(name)?.data).toEqual(data);
    expect(readModel(opened.model.toHuggingFace(), 'again').config).toEqual(opened.model.config);
  });

  it('keeps its task and its labels, and other keys that it came with', () => {
    const made = model(family).withTask('token-classification', ['noun', 'verb', 'other']);
    const again = readModel({ ...made.toHuggingFace(), custom_key: 7 }, 'config.json');
    expect(again.task).toBe('token-classification');
    expect(again.labels).toEqual(['noun', 'verb', 'other']);
    expect(again.toHuggingFace()).toMatchObject({ custom_key: 7, architectures: [expect.any(String)] });
    expect(again.head.at(-1)?.shape).toEqual([3]);
  });
});

describe('openCheckpoint', () => {
  const bert = model('bert');
  const values = initialParameters(bert, { seed: 2 });
  const renamed = (rename: (name: string) => string) =>
    new Map([...values].map(([name, value]) => [rename(name), value]));

  it('reads the vocabulary of a BERT without tokenizer.json', async () => {
    await write(bert.toHuggingFace(), values);
    const { opened } = await openCheckpoint(dir);
    expect(opened.tokenizer.encode('The states of [MASK]').ids).toEqual([2, 5, 6, 7, 8, 4, 3]);
    await writeFile(join(dir, 'tokenizer_config.json'), JSON.stringify({ do_lower_case: false }));
    const cased = await openCheckpoint(dir);
    expect(cased.opened.tokenizer.encode('The states').ids).toEqual([2, 1, 6, 7, 3]);
  });

  it('takes from a vocabulary whether it is cased, and cuts words into characters where it has no others', async () => {
    await write(bert.toHuggingFace(), values);
    const vocabulary = (tokens: readonly string[]) =>
      writeFile(join(dir, 'vocab.txt'), [...VOCABULARY.slice(0, 5), ...tokens].join('\n'));
    await vocabulary(['The', 'the', 'state', '##s']);
    expect((await openCheckpoint(dir)).opened.tokenizer.encode('The states').ids).toEqual([2, 5, 7, 8, 3]);
    await vocabulary(['A', 'C', 'D', 'E']);
    const { tokenizer } = (await openCheckpoint(dir)).opened;
    expect(tokenizer.encode('ACE[MASK]D').ids).toEqual([2, 5, 6, 8, 4, 7, 3]);
    expect(tokenizer.encode('A C E [MASK] D').ids).toEqual([2, 5, 6, 8, 4, 7, 3]);
    expect(tokenizer.encode('AcX').ids).toEqual([2, 5, 1, 1, 3]);
  });

  it('reads the vocabulary of an ESM as transformers does: residues, spaced or not', async () => {
    const vocabulary = `<cls> <pad> <eos> <unk> ${[...'LAGVSERTIDPKQNFYMHWCXBUZO.-'].join(' ')} <null_1> <mask>`;
    await write(bert.toHuggingFace(), values);
    const write33 = (text: string) => writeFile(join(dir, 'vocab.txt'), text.split(' ').join('\n'));
    await write33(vocabulary);
    const tokenizer = await readTokenizer(dir);
    // Ids of transformers 5.23's EsmTokenizer for this vocabulary.
    for (const [text, ids] of [
      ['MKTAYIAKQR', [0, 20, 15, 11, 5, 19, 12, 5, 15, 16, 10, 2]],
      ['M K T<mask>AY', [0, 20, 15, 11, 32, 5, 19, 2]],
      ['MKJJTAY', [0, 20, 15, 3, 11, 5, 19, 2]],
      ['acde', [0, 3, 2]],
      ['<mask>.-X', [0, 32, 29, 30, 24, 2]],
      ['MK<null_1>T', [0, 20, 15, 31, 11, 2]],
      ['Mé JKb<unk>Q', [0, 20, 3, 3, 15, 3, 3, 16, 2]],
      ['', [0, 2]],
    ] as const) {
      expect(tokenizer.encode(text).ids, text).toEqual(ids);
    }
    expect(tokenizer.encode('MK', { pair: 'TA' }).ids).toEqual([0, 20, 15, 2, 11, 5, 2]);
    expect(tokenizer.special).toMatchObject({ cls: 0, pad: 1, sep: 2, unk: 3, mask: 32 });
    await write33(vocabulary.replace(' <mask>', ''));
    await expect(readTokenizer(dir)).rejects.toThrow('vocab.txt: expected the token <mask>, found none');
    await write33('<cls> <pad> <eos> <unk> <mask>');
    await expect(readTokenizer(dir)).rejects.toThrow('expected a residue on each line');
  });

  it('finds a masked language model in a class of its own, with other heads beside it', async () => {
    const foreign = { ...bert.toHuggingFace(), architectures: ['AntiBERTy'] };
    const extra = { shape: [6, 12], data: new Float32Array(72) };
    await write(foreign, new Map([...values, ['cls.species.weight', extra]]));
    const opened = await openCheckpoint(dir);
    expect(opened.model.task).toBe('fill-mask');
    expect(opened.model.toHuggingFace().architectures).toEqual(['BertForMaskedLM']);
    expect(opened.unexpected).toEqual(['cls.species.weight']);
    const withoutBias = [...values].filter(([name]) => name !== 'cls.predictions.transform.dense.bias');
    await write(foreign, new Map(withoutBias));
    expect((await openCheckpoint(dir)).model.task).toBe('feature-extraction');
    await write({ ...foreign, architectures: ['BertModel'] }, values);
    expect((await openCheckpoint(dir)).model.task).toBe('feature-extraction');
  });

  it('understands old names, wrappers, copies of tied weights and buffers', async () => {
    const old = renamed((name) =>
      name.includes('LayerNorm')
        ? `module.${name.replace(/weight$/, 'gamma').replace(/bias$/, 'beta')}`
        : name,
    );
    const embeddings = values.get(bert.embeddings) as TensorInput;
    old.set('cls.predictions.decoder.weight', embeddings as never);
    old.set('bert.embeddings.position_ids', { shape: [1], data: Float32Array.of(0) });
    old.set('cls.seq_relationship.bias', { shape: [2], data: new Float32Array(2) });
    await write(bert.toHuggingFace(), old);
    const { parameters, unexpected } = await openCheckpoint(dir);
    expect([...parameters.keys()].sort()).toEqual([...values.keys()].sort());
    expect(unexpected).toEqual(['cls.seq_relationship.bias']);
  });

  it('takes the embeddings from the decoder where only that is stored', async () => {
    const stored = renamed((name) => (name === bert.embeddings ? 'cls.predictions.decoder.weight' : name));
    await write(bert.toHuggingFace(), stored);
    const { parameters } = await openCheckpoint(dir);
    expect(parameters.get(bert.embeddings)?.data).toEqual(values.get(bert.embeddings)?.data);
  });

  it('gives a decoder of its own to a model whose decoder differs from its embeddings', async () => {
    const other = { shape: [10, 12], data: new Float32Array(120).fill(2) };
    await write(bert.toHuggingFace(), new Map([...values, ['cls.predictions.decoder.weight', other]]));
    const opened = await openCheckpoint(dir);
    expect(opened.parameters.get('cls.predictions.decoder.weight')?.data).toEqual(other.data);
    expect(opened.model.toHuggingFace()).toMatchObject({ tie_word_embeddings: false });
  });

  it('is a body for features without a head, and lists what of a head is missing', async () => {
    const body = new Map(
      [...values]
        .filter(([name]) => name.startsWith('bert.'))
        .map(([name, value]) => [name.slice('bert.'.length), value]),
    );
    await write({ ...bert.toHuggingFace(), architectures: ['BertModel'] }, body);
    expect((await openCheckpoint(dir)).model.task).toBe('feature-extraction');
    await write(bert.toHuggingFace(), body);
    expect((await openCheckpoint(dir)).model.task).toBe('feature-extraction');
    const wanted = await openBody(dir, { task: 'text-classification', labels: ['no', 'yes'] });
    expect(wanted.missing).toEqual([
      'bert.pooler.dense.weight',
      'bert.pooler.dense.bias',
      'classifier.weight',
      'classifier.bias',
    ]);
  });

  it('names both shapes where they differ, and what of the body is missing', async () => {
    const name = 'bert.encoder.layer.1.output.dense.weight';
    await write(
      bert.toHuggingFace(),
      new Map([...values, [name, { shape: [6, 12], data: new Float32Array(72) }]]),
    );
    await expect(openCheckpoint(dir)).rejects.toThrow(`'${name}' must be [12,6] by config.json, got [6,12]`);
    await write(bert.toHuggingFace(), new Map([...values].filter(([key]) => key !== name)));
    const opening = openCheckpoint(dir);
    await expect(opening).rejects.toThrow(`expected a tensor '${name}' of a bert, found none`);
    await expect(opening).rejects.toBeInstanceOf(FormatError);
  });

  it('puts shards together, and refuses a way out of the directory', async () => {
    await write(bert.toHuggingFace(), values);
    await rm(join(dir, 'model.safetensors'));
    const entries = [...values];
    const parts = [entries.slice(0, 9), entries.slice(9)];
    const map: Record<string, string> = {};
    for (const [index, part] of parts.entries()) {
      const shard = `model-0000${index + 1}-of-00002.safetensors`;
      await writeFile(join(dir, shard), encodeSafetensors(new Map(part)));
      for (const [name] of part) map[name] = shard;
    }
    const index = (weightMap: unknown) =>
      writeFile(join(dir, 'model.safetensors.index.json'), JSON.stringify({ weight_map: weightMap }));
    await index(map);
    expect((await openCheckpoint(dir)).parameters.size).toBe(values.size);
    await index({ ...map, 'bert.more': 'model-00001-of-00002.safetensors' });
    await expect(openCheckpoint(dir)).rejects.toThrow("expected a tensor 'bert.more'");
    await index({ ...map, 'bert.more': '../secret.safetensors' });
    await expect(openCheckpoint(dir)).rejects.toThrow('expected the plain name of a file');
  });
});
