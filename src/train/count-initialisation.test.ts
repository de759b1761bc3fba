import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigError } from '../core/index.js';
import { compileProgram, constant, Graph, softmax } from '../graph/index.js';
import {
  initialParameters,
  lastOf,
  type ModernBertConfig,
  modernBert,
  type ParameterValues,
  type TrainingCounts,
} from '../model/index.js';
import { Engine } from '../runtime/index.js';

const config: ModernBertConfig = {
  vocabSize: 29,
  hiddenSize: 32,
  numHiddenLayers: 2,
  numAttentionHeads: 2,
  intermediateSize: 32,
  hiddenActivation: 'relu2',
  classifierActivation: 'linear',
  maxPositionEmbeddings: 9,
  normEps: 1e-5,
  ropeTheta: 10_000,
  attentionBias: true,
  classifierBias: true,
  initializerRange: 0.02,
  padTokenId: 0,
  clsTokenId: 2,
  sepTokenId: 3,
  maskTokenId: 4,
};

const model = modernBert.of(config);

/** Counts of a language of 24 words in three classes that follow one another in a circle. */
function circularCounts(): TrainingCounts {
  const words = Array.from({ length: 24 }, (_, index) => 5 + index);
  const entries = words.flatMap((a) =>
    words.filter((b) => (b - 5) % 3 === (a - 4) % 3).map((b) => [a, b] as const),
  );
  return {
    unigrams: Array.from({ length: 29 }, (_, id) => (id < 5 ? 0 : 80)),
    specialIds: [0, 1, 2, 3, 4],
    silentIds: [0, 1, 4],
    pairs: {
      first: Uint32Array.from(entries, ([a]) => a),
      second: Uint32Array.from(entries, ([, b]) => b),
      counts: new Float64Array(entries.length).fill(10),
    },
    triples: words.map((word) => ({ left: 5 + ((word - 5 + 23) % 24), word, right: 5 + ((word - 4) % 24) })),
  };
}

let engine: Engine;
beforeAll(() => {
  engine = new Engine({ threads: 1 });
});
afterAll(() => engine.close());

/** Probability that a model gives to the three classes at the masked place 4 of a row. */
async function classProbabilities(parameters: ParameterValues, ids: readonly number[]): Promise<number[]> {
  const graph = new Graph();
  const weights = new Map(
    [...parameters].map(([name, { data, shape }]) => [name, constant(graph, data, shape)]),
  );
  const inputIds = constant(graph, Int32Array.from(ids), [1, ids.length]);
  const inputs = { inputIds };
  const positions = constant(graph, Int32Array.of(4), [1]);
  const states = lastOf(model.encode(weights, inputs, positions));
  const logits = model.predictionLogits(weights, states, { inputs, positions });
  const loaded = await engine.load(compileProgram({ probabilities: softmax(logits) }));
  const { probabilities } = await loaded.run({});
  await loaded.release();
  return [0, 1, 2].map((kind) =>
    Array.from(probabilities?.data ?? [], Number).reduce(
      (sum, p, id) => (id >= 5 && (id - 5) % 3 === kind ? sum + p : sum),
      0,
    ),
  );
}

describe('count initialisation', () => {
  const row = [2, 5, 9, 13, 4, 15, 19, 20, 3]; // classes 0 1 2 [MASK] 1 2 0: class 0 is missing

  it('fills gaps before the first training step', async () => {
    const options = { seed: 0, neighbourOffsets: [1, -1] };
    const counts = circularCounts();
    const informed = await classProbabilities(initialParameters(model, { ...options, counts }), row);
    expect(informed[0]).toBeGreaterThan(0.8);
    const ignorant = await classProbabilities(initialParameters(model, options), row);
    expect(ignorant[0]).toBeLessThan(0.5);
  });

  it('is a function of counts and seed', () => {
    const draw = (seed: number) =>
      initialParameters(model, { seed, neighbourOffsets: [1, -1], counts: circularCounts() });
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });

  it('refuses a model that cannot carry it', () => {
    const nonlinear = modernBert.of({ ...config, classifierActivation: 'gelu' });
    expect(() => initialParameters(nonlinear, { seed: 0, counts: circularCounts() })).toThrow(ConfigError);
  });
});
