import { describe, expect, it } from 'vitest';
import { RandomPurpose, RandomStream } from '../core/index.js';
import { evaluate } from './evaluate.js';
import { Graph, type NdArray } from './graph.js';
import { MUON_INPUTS, muon, orthogonalise } from './muon.js';
import { input } from './ops/source.js';
import { momentName } from './optimizer.js';

const random = new RandomStream(0, RandomPurpose.sampling);
const normal = (...shape: number[]): NdArray => ({
  shape,
  data: Float64Array.from({ length: shape.reduce((size, length) => size * length, 1) }, () =>
    random.nextNormal(),
  ),
});

/** Row i of x times row j of y, rows of a whole stack counted through. */
function rowProduct(x: NdArray, i: number, y: NdArray, j: number): number {
  const width = x.shape.at(-1) as number;
  let sum = 0;
  for (let k = 0; k < width; k++)
    sum += (x.data[i * width + k] as number) * (y.data[j * width + k] as number);
  return sum;
}

describe('orthogonalise', () => {
  for (const [rows, columns] of [
    [3, 8],
    [4, 4],
  ] as const) {
    it(`makes the rows of each [${rows}, ${columns}] nearly orthonormal`, () => {
      const graph = new Graph();
      const x = input(graph, 'x', 'float32', [2, rows, columns]);
      const [y] = evaluate([orthogonalise(x)], new Map([['x', normal(2, rows, columns)]])) as [NdArray];
      for (let i = 0; i < 2 * rows; i++) {
        expect(rowProduct(y, i, y, i)).toBeGreaterThan(0.4);
        expect(rowProduct(y, i, y, i)).toBeLessThan(1.6);
        for (let j = i - (i % rows); j < i; j++) expect(Math.abs(rowProduct(y, i, y, j))).toBeLessThan(0.6);
      }
    });
  }

  it('keeps the direction of what is orthogonal already', () => {
    const graph = new Graph();
    const x = input(graph, 'x', 'float32', [1, 2, 2]);
    const swap: NdArray = { shape: [1, 2, 2], data: Float64Array.of(0, 5, -5, 0) };
    const [y] = evaluate([orthogonalise(x)], new Map([['x', swap]])) as [NdArray];
    expect(y.data[0]).toBeCloseTo(0);
    expect(y.data[1]).toBeGreaterThan(0.6);
    expect(y.data[2]).toBeCloseTo(-(y.data[1] as number));
  });
});

describe('muon', () => {
  it('steps along the orthogonalised Nesterov momentum, with decay, at the size of AdamW', () => {
    const graph = new Graph();
    const tensor = input(graph, 'w', 'float32', [4, 8]);
    const slope = input(graph, 'gradient', 'float32', [4, 8]);
    const next = muon([{ name: 'w', tensor, decays: true }], [slope], { momentum: 0.9 });
    const [w, gradient, moment] = [normal(4, 8), normal(4, 8), normal(4, 8)];
    const scalar = (value: number): NdArray => ({ shape: [], data: Float64Array.of(value) });
    const feeds = new Map([
      ['w', w],
      ['gradient', gradient],
      [momentName('w', 'first'), moment],
      [MUON_INPUTS[0], scalar(0.01)],
      [MUON_INPUTS[1], scalar(0.999)],
    ]);
    const [after, momentAfter] = evaluate(
      [next.get('w'), next.get(momentName('w', 'first'))].filter((found) => found !== undefined),
      feeds,
    ) as [NdArray, NdArray];
    for (const [index, value] of momentAfter.data.entries()) {
      expect(value).toBeCloseTo(0.9 * (moment.data[index] as number) + (gradient.data[index] as number));
    }
    const change = w.data.map((value, index) => 0.999 * value - (after.data[index] as number));
    const size = Math.sqrt(change.reduce((sum, value) => sum + value * value, 0) / change.length);
    expect(size / 0.01).toBeGreaterThan(0.1);
    expect(size / 0.01).toBeLessThan(0.4);
    const alongSlope = change.reduce(
      (sum, value, index) =>
        sum + value * (0.9 * (momentAfter.data[index] as number) + (gradient.data[index] as number)),
      0,
    );
    expect(alongSlope).toBeGreaterThan(0);
  });

  it('gives each of several matrices, wide or tall, what it would have alone', () => {
    const shapes = { a: [4, 8], b: [8, 4], c: [4, 4], d: [4, 8] } as const;
    const values = new Map(Object.entries(shapes).map(([name, shape]) => [name, normal(...shape)]));
    const slopes = new Map(Object.entries(shapes).map(([name, shape]) => [name, normal(...shape)]));
    const updated = (names: readonly string[]): Map<string, Float64Array> => {
      const graph = new Graph();
      const declare = (name: string, of: string) =>
        input(graph, name, 'float32', (values.get(of) as NdArray).shape);
      const parameters = names.map((name) => ({ name, tensor: declare(name, name), decays: false }));
      const gradients = names.map((name) => declare(`${name}/gradient`, name));
      const next = muon(parameters, gradients, { momentum: 0.9 });
      const feeds = new Map<string, NdArray>(
        MUON_INPUTS.map((name) => [name, { shape: [], data: Float64Array.of(0.01) }]),
      );
      for (const name of names) {
        const value = values.get(name) as NdArray;
        feeds.set(name, value).set(`${name}/gradient`, slopes.get(name) as NdArray);
        feeds.set(momentName(name, 'first'), { ...value, data: new Float64Array(value.data.length) });
      }
      const outputs = names.map((name) => next.get(name)).filter((found) => found !== undefined);
      return new Map(evaluate(outputs, feeds).map(({ data }, index) => [names[index] as string, data]));
    };
    const together = updated(Object.keys(shapes));
    for (const name of Object.keys(shapes)) {
      for (const [index, value] of (updated([name]).get(name) as Float64Array).entries()) {
        expect(together.get(name)?.[index]).toBeCloseTo(value, 10);
      }
    }
  });
});
