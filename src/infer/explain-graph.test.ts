import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { families, type LanguageModel, modernBert } from '../model/index.js';
import { formulaWeights, tinySizes } from '../model/testing/index.js';
import { Engine } from '../runtime/index.js';
import { trainWordPiece } from '../tokenize/index.js';
import { explainMask } from './explain.js';
import { attentionProgram } from './explain-graph.js';
import { Predictor } from './predictor.js';

let engine: Engine;
beforeAll(() => {
  engine = new Engine({ threads: 1 });
});
afterAll(() => engine.close());

describe('what cannot be explained', () => {
  it('is a model that computes with ids beside their embeddings, as token dropout does', async () => {
    const tokenizer = trainWordPiece(['the state of the union'], { vocabSize: 40, minFrequency: 1 });
    const esm = families.find(({ modelType }) => modelType === 'esm');
    const model = esm?.create({ ...tinySizes, vocabSize: tokenizer.vocabSize }) as LanguageModel;
    const parameters = formulaWeights(model.parameters);
    const predictor = new Predictor(engine, { model, parameters, specialIds: tokenizer.specialIds });
    const asking = explainMask(engine, predictor, tokenizer, 'the [MASK]', { mask: 0, steps: 4 });
    await expect(asking).rejects.toThrow('esm computes with ids beside their embeddings');
    await predictor.release();
  });

  it('is the attention of a model that has none', () => {
    const model = modernBert.create(tinySizes);
    const states: LanguageModel['encode'] = (parameters) => {
      const first = [...parameters.values()][0];
      if (!first) throw new Error('no parameter');
      return [first];
    };
    const without: LanguageModel = Object.assign(Object.create(model), { encode: states });
    const asked = { model: without, parameters: formulaWeights(model.parameters), specialIds: [] };
    expect(() => attentionProgram(asked, 4)).toThrow('computes no attention that can be shown');
  });
});
