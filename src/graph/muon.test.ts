import { describe, expect, it } from 'vitest';
import { RandomPurpose, RandomStream } from '../core/index.js';
import { evaluate } from './evaluate.js';
import { Graph, type NdArray } from './graph.js';
import { MUON_INPUTS, muon, orthogonalise } from './muon.js';
import { input } from './ops/source.js';
import { momentName } from './optimizer.js';

const random = new RandomStream(0, RandomPurpose.sampling);
const matrix = (rows: number, columns: number): NdArray => ({
  shape: [rows, columns],
  data: Float64Array.from({ length: rows * columns }, () => random.nextNormal()),
});

/** Row i of x times row j of y. */
function rowProduct(x: NdArray, i: number, y: NdArray, j: number): number {
  const width = x.shape[1] as number;
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
    it(`makes the rows of [${rows}, ${columns}] nearly orthonormal`, () => {
      const graph = new Graph();
      const x = input(graph, 'x', 'float32', [rows, columns]);
      const [y] = evaluate([orthogonalise(x)], new Map([['x', matrix(rows, columns)]])) as [NdArray];
      for (let i = 0; i < rows; i++) {
        expect(rowProduct(y, i, y, i)).toBeGreaterThan(0.4);
        expect(rowProduct(y, i, y, i)).toBeLessThan(1.6);
        for (let j = 0; j < i; j++) expect(Math.abs(rowProduct(y, i, y, j))).toBeLessThan(0.6);
      }
    });
  }

  it('keeps the direction of what is orthogonal already', () => {
    const graph = new Graph();
    const x = input(graph, 'x', 'float32', [2, 2]);
    const swap: NdArray = { shape: [2, 2], data: Float64Array.of(0, 5, -5, 0) };
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
    const [w, gradient, moment] = [matrix(4, 8), matrix(4, 8), matrix(4, 8)];
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
});
