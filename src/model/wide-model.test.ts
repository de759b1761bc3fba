import { describe, expect, it } from 'vitest';
import { constant, evaluate, Graph, type NdArray } from '../graph/index.js';
import { wideFeatures } from './blocks/wide-features.js';
import { modernBert } from './families/modernbert.js';
import { roberta } from './families/roberta.js';
import { readModel } from './families.js';
import { initialParameters } from './initialise.js';
import { type LanguageModel, lastOf } from './language-model.js';
import { declareParameters, type ParameterValues } from './parameters.js';
import { tinySizes } from './testing/index.js';
import { WIDE, wideModel } from './wide-model.js';

const LABELS = ['x', 'y', 'z'];
const PAIR_ROWS = 64;
const SIZES = { vocabSize: tinySizes.vocabSize, pairRows: PAIR_ROWS };
const deep = modernBert.create(tinySizes, 'text-classification', LABELS);
const model = wideModel(deep, PAIR_ROWS);

/** Fresh values; every number of the linear part another, the network's share one half. */
function numbered(): ParameterValues {
  const values = initialParameters(model, { seed: 1 });
  values.get(WIDE.deepFactor)?.data.fill(0.5);
  for (const name of [WIDE.table, WIDE.bias])
    values.get(name)?.data.forEach((_, place, data) => {
      data[place] = Math.sin(place + 1);
    });
  return values;
}

/** Logits f64[B * C] of rows of ids, padded with 0. */
function logitsOf(of: LanguageModel, values: ParameterValues, texts: readonly (readonly number[])[]) {
  const graph = new Graph();
  const tensors = declareParameters(graph, of.parameters);
  const T = Math.max(...texts.map((ids) => ids.length));
  const filled = (value: (ids: readonly number[], place: number) => number) =>
    constant(
      graph,
      Int32Array.from(texts.flatMap((ids) => Array.from({ length: T }, (_, place) => value(ids, place)))),
      [texts.length, T],
    );
  const inputs = {
    inputIds: filled((ids, place) => ids[place] ?? 0),
    attentionMask: filled((ids, place) => Number(place < ids.length)),
  };
  const logits = of.classLogits(tensors, lastOf(of.encode(tensors, inputs)), inputs);
  const feeds = new Map<string, NdArray>(
    [...values].map(([name, { shape, data }]) => [name, { shape, data: Float64Array.from(data) }]),
  );
  return evaluate([logits], feeds)[0]?.data ?? new Float64Array();
}

/** What the linear part says of a text, by the features without a graph. */
function linearLogits(values: ParameterValues, ids: readonly number[]): number[] {
  const { rows, values: weights } = wideFeatures(SIZES)(Int32Array.from(ids));
  const table = values.get(WIDE.table)?.data as Float32Array;
  return LABELS.map((_, label) =>
    rows.reduce(
      (sum, row, index) => sum + (weights[index] as number) * (table[row * LABELS.length + label] as number),
      values.get(WIDE.bias)?.data[label] as number,
    ),
  );
}

describe('a linear part beside a classifier', () => {
  it('adds the same logits in a graph as without one: repeats, padding, one token', () => {
    const values = numbered();
    for (const texts of [
      [
        [2, 7, 8, 7, 8, 7, 7, 3],
        [2, 9, 3],
        [2, 5, 5, 5, 3],
      ],
      [[4], [6]],
    ]) {
      const both = logitsOf(model, values, texts);
      const network = logitsOf(deep, values, texts);
      for (const [row, ids] of texts.entries()) {
        for (const [label, linear] of linearLogits(values, ids).entries()) {
          const place = row * LABELS.length + label;
          expect(both[place]).toBeCloseTo(0.5 * (network[place] as number) + linear, 5);
        }
      }
    }
  });

  it('tells an order from another by its pairs, and is of unit length', () => {
    const features = wideFeatures(SIZES);
    const [one, other] = [features(Int32Array.of(5, 6, 7)), features(Int32Array.of(7, 6, 5))];
    const tokensOf = (rows: Int32Array) => [...rows].filter((row) => row < SIZES.vocabSize).sort();
    expect(tokensOf(one.rows)).toEqual(tokensOf(other.rows));
    expect([...one.rows].sort()).not.toEqual([...other.rows].sort());
    expect(Math.hypot(...one.values)).toBeCloseTo(1, 6);
  });

  it('is read again as it was written, on any family', () => {
    for (const family of [modernBert, roberta]) {
      const wide = wideModel(family.create(tinySizes, 'text-classification', LABELS), PAIR_ROWS);
      const again = readModel(JSON.parse(JSON.stringify(wide.toHuggingFace())), 'config.json');
      expect(again.parameters).toEqual(wide.parameters);
      expect(again.labels).toEqual(LABELS);
      expect(again.toHuggingFace()).toEqual(wide.toHuggingFace());
      expect(again.withTask('feature-extraction').modelType).toBe(family.modelType);
    }
  });

  it('is refused where it cannot be', () => {
    expect(() => wideModel(modernBert.create(tinySizes), 8)).toThrow(/beside a text classifier/);
    expect(() => wideModel(model, 8)).toThrow(/not beside a lacuna-wide/);
    expect(() => model.predictionLogits(new Map(), {} as never, {} as never)).toThrow(/predicts tokens/);
    expect(() => model.withVocabSize(9)).toThrow(/another vocabulary/);
    const config = model.toHuggingFace();
    const read = (changes: Record<string, unknown>) => () =>
      readModel({ ...config, ...changes }, 'config.json');
    expect(read({ pair_rows: 0 })).toThrow('config.json: pair_rows');
    expect(read({ pair_rows: 2 ** 40 })).toThrow('config.json: pair_rows');
    expect(read({ deep: undefined })).toThrow('config.json: deep');
    expect(read({ deep: { model_type: 'lacuna-wide' } })).toThrow('config.json: deep: model_type');
  });
});
