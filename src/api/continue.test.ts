import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigError } from '../core/index.js';
import { saveModelDirectory } from '../hub/index.js';
import { families, initialParameters, type LanguageModel } from '../model/index.js';
import { tinySizes } from '../model/testing/index.js';
import { trainWordPiece } from '../tokenize/index.js';
import { continuedOptions, openStartingPoint } from './continue.js';
import type { TrainOptions } from './types.js';

const tokenizer = trainWordPiece(['the state of union'], { vocabSize: 30, minFrequency: 0 });
const bert = families
  .find(({ modelType }) => modelType === 'bert')
  ?.create({ ...tinySizes, vocabSize: tokenizer.vocabSize }) as LanguageModel;

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'lacuna-continue-'));
  for (const model of [bert, bert.withTask('text-classification', ['a', 'b'])]) {
    const weights = initialParameters(model, { seed: 1 });
    const files = { config: model.toHuggingFace(), weights, tokenizer, card: '#\n' };
    await saveModelDirectory(join(root, model.task), files, { overwrite: false });
  }
});
afterAll(() => rm(root, { recursive: true, force: true }));

const options = (more: Partial<TrainOptions>): TrainOptions => ({ paths: [], out: 'out', ...more });
const from = (task: string) => ({ from: join(root, task) });

describe('going on from a model', () => {
  it('takes its sizes, and a quarter of the learning rate', async () => {
    const start = await openStartingPoint(options(from('fill-mask')));
    if (!start) throw new Error('expected a starting point');
    expect(start.origin).toEqual({ name: 'fill-mask', newTokens: 0 });
    const chosen = continuedOptions(options({ ...from('fill-mask'), hidden: tinySizes.hiddenSize }), start);
    expect(chosen).toMatchObject({
      layers: 1,
      hidden: 8,
      family: 'bert',
      sequenceLength: 16,
      learningRate: 1e-3,
      optimizer: 'adamw',
    });
    const withMuon = continuedOptions(options({ ...from('fill-mask'), optimizer: 'muon' }), start);
    expect(withMuon.optimizer).toBe('muon');
    expect(await openStartingPoint(options({}))).toBeUndefined();
  });

  it.each<[string, Partial<TrainOptions>, RegExp]>([
    ['new tokens without a model', { extendVocab: 3 }, /--extend-vocab needs a model to extend/],
    [
      'a model for another task',
      { from: 'text-classification' },
      /for fill-mask, got one for text-classification/,
    ],
    ['another width', { from: 'fill-mask', hidden: 99 }, /hidden 99 cannot be chosen when training goes on/],
    ['another vocabulary', { from: 'fill-mask', vocabSize: 99 }, /vocabSize 99 cannot be chosen/],
    ['another family', { from: 'fill-mask', family: 'esm' }, /family esm cannot be chosen/],
    ['a preset', { from: 'fill-mask', preset: 'tiny' }, /preset tiny cannot be chosen/],
    ['longer sequences', { from: 'fill-mask', sequenceLength: 17 }, /17 tokens: the model of '.*' reads 16/],
  ])('refuses %s', async (_, { from: task, ...more }, message) => {
    const asked = options({ ...more, ...(task === undefined ? {} : from(task)) });
    const attempt = async () => {
      const start = await openStartingPoint(asked);
      return start && continuedOptions(asked, start);
    };
    await expect(attempt()).rejects.toThrow(message);
    await expect(attempt()).rejects.toBeInstanceOf(ConfigError);
  });
});
