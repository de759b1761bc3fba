import { expect, it } from 'vitest';
import { constant, evaluate, Graph, type NdArray } from '../graph/index.js';
import { declareParameters, initialParameters, lastOf, modernBert, outputLogits } from '../model/index.js';
import { tinySizes } from '../model/testing/index.js';
import { takeApart } from './pieces.js';
import { trainingStep } from './step.js';

it('reports the share of the weights whose label has the largest logit', () => {
  const model = modernBert.create(tinySizes);
  const values = initialParameters(model, { seed: 5 });
  const specialIds = [0, 1, 2, 3, 4];
  const [ids, positions] = [
    [2, 4, 9, 4, 3, 2, 8, 4, 4, 3],
    [1, 3, 7, 8],
  ];
  const ints = (data: readonly number[], shape: number[]): NdArray => ({
    shape,
    data: Float64Array.from(data),
  });
  const parameters = new Map<string, NdArray>(
    [...values].map(([name, { shape, data }]) => [name, { shape, data: Float64Array.from(data) }]),
  );

  const graph = new Graph();
  const tensors = declareParameters(graph, model.parameters);
  const inputs = { inputIds: constant(graph, Int32Array.from(ids), [2, 5]) };
  const places = constant(graph, Int32Array.from(positions), [4]);
  const states = lastOf(model.encode(tensors, inputs, places));
  const [logits] = evaluate(
    [outputLogits(model, tensors, states, { inputs, positions: places, specialIds })],
    parameters,
  );
  const V = tinySizes.vocabSize;
  const likeliest = positions.map((_, row) => {
    const own = [...(logits?.data.subarray(row * V, (row + 1) * V) ?? [])];
    return own.indexOf(Math.max(...own));
  });

  const shape = { batchSize: 2, sequenceLength: 5, predictions: 4 };
  const step = trainingStep(model, shape, { maxGradientNorm: 1, specialIds });
  const pieces = [...values].flatMap(([name, value]) =>
    takeApart(name, value, step.state).map(
      ([piece, { shape: size, data }]) => [piece, { shape: size, data: Float64Array.from(data) }] as const,
    ),
  );
  const accuracyOf = (labels: readonly number[]) => {
    const feeds = new Map([
      ...parameters,
      ...pieces,
      ['inputIds', ints(ids, [2, 5])] as const,
      ['positions', ints(positions, [2, 2])] as const,
      ['labels', ints(labels, [4])] as const,
      ['weights', ints([0.4, 0.3, 0.2, 0.1], [4])] as const,
    ]);
    return evaluate([step.metrics.accuracy as never], feeds)[0]?.data[0];
  };
  const another = (id: number) => (id === 5 ? 6 : 5);
  expect(accuracyOf(likeliest)).toBeCloseTo(1, 6);
  expect(accuracyOf(likeliest.map(another))).toBeCloseTo(0, 6);
  expect(accuracyOf(likeliest.map((id, row) => (row % 2 === 0 ? id : another(id))))).toBeCloseTo(0.6, 6);
});
