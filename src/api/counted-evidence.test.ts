import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { constant, evaluate, Graph, input, type NdArray } from '../graph/index.js';
import { declareParameters, initialParameters, lastOf, outputLogits } from '../model/index.js';
import { batchFeeds } from '../train/batch-feeds.js';
import { defaultRecipe } from '../train/index.js';
import { openCorpusSource } from './corpus-source.js';
import { evidenceOf } from './counted-evidence.js';
import { newModel } from './new-model.js';
import { trainingSteps } from './training-steps.js';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'lacuna-counted-'));
  for (let document = 0; document < 30; document++) {
    const words = Array.from({ length: 200 }, (_, at) => `w${(at * at + document * 3 + (at % 5)) % 60}`);
    await writeFile(join(root, `${document}.txt`), words.join(' '));
  }
});
afterAll(() => rm(root, { recursive: true, force: true }));

const recipe = {
  ...defaultRecipe,
  ...{ family: 'modernbert-counts', vocabSize: 120, sequenceLength: 16, batchSize: 4 },
  ...{ hidden: 16, heads: 2, feedForward: 16, layers: 1 },
};

it('leaves the labels of a training batch out of what its loss knows', async () => {
  const report = () => undefined;
  const corpus = await (await openCorpusSource([root], { report })).prepare(recipe, report);
  const model = newModel(recipe, corpus);
  const { last } = trainingSteps({ recipe, model, corpus, seed: 0 });
  const batch = last.batchAt(3);
  const values = initialParameters(model, { seed: 0, tables: evidenceOf(corpus).tables });
  const { specialIds } = corpus.tokenizer;

  const feeds = new Map<string, NdArray>();
  // The model's own answer is asked for at the places of the batch as they are, the loss at those that the step is fed.
  for (const [name, { shape, data }] of Object.entries(batchFeeds([batch], last.shape))) {
    feeds.set(name, { shape, data: Float64Array.from(data, Number) });
  }
  for (const [name, { shape, data }] of values) {
    feeds.set(name, { shape, data: Float64Array.from(data) });
    // Those that training takes apart.
    const pieces = [...last.step.state.keys()].filter((key) =>
      /^piece_\d+$/.test(key.slice(name.length + 1)),
    );
    const own = pieces.filter((key) => key.startsWith(`${name}/`));
    for (const [index, piece] of own.entries()) {
      const size = data.length / own.length;
      const part = Float64Array.from(data.slice(index * size, (index + 1) * size));
      feeds.set(piece, { shape: shape.with(0, (shape[0] ?? 0) / own.length), data: part });
    }
  }
  const [loss] = evaluate([last.step.metrics.lossNats as never], feeds);

  const graph = new Graph();
  const tensors = declareParameters(graph, model.parameters);
  const inputs = { inputIds: input(graph, 'inputIds', 'int32', [4, 16]) };
  const positions = constant(graph, batch.positions, [batch.positions.length]);
  const question = { inputs, positions, specialIds };
  const [logits] = evaluate(
    [outputLogits(model, tensors, lastOf(model.encode(tensors, inputs, positions)), question)],
    feeds,
  );
  const V = corpus.tokenizer.vocabSize;
  const nats = (corrected: boolean) => {
    let sum = 0;
    for (let index = 0; index < batch.maskedCount; index++) {
      const row = (logits as NdArray).data.slice(index * V, (index + 1) * V);
      const label = batch.labels[index] as number;
      if (corrected) row[label] = (row[label] ?? 0) + (batch.corrections?.[index] ?? 0);
      sum += Math.log(row.reduce((total, logit) => total + Math.exp(logit), 0)) - (row[label] ?? 0);
    }
    return sum / batch.maskedCount;
  };
  expect((loss as NdArray).data[0]).toBeCloseTo(nats(true), 6);
  expect(nats(true)).toBeGreaterThan(nats(false) + 0.01);
});
