import { describe, expect, it } from 'vitest';
import { evaluate } from './evaluate.js';
import { Graph, type NdArray } from './graph.js';
import { input } from './ops/source.js';
import { clipByNorm, descents, globalNorm } from './optimizer.js';

const array = (...values: number[]): NdArray => ({ shape: [values.length], data: Float64Array.from(values) });

describe('descents', () => {
  it('names the parameter that has no gradient', () => {
    const tensor = input(new Graph(), 'w', 'float32', [1]);
    expect(() => descents([{ name: 'w', tensor, decays: true }], [])).toThrow("'w' has no gradient");
  });
});

describe('clipByNorm', () => {
  const clipped = (maxNorm: number, values: readonly number[]) => {
    const graph = new Graph();
    const gradients = values.map((_, index) => input(graph, `g${index}`, 'float32', [1]));
    const norm = globalNorm(gradients);
    const outputs = clipByNorm(gradients, norm, maxNorm);
    const feeds = new Map(values.map((value, index) => [`g${index}`, array(value)]));
    return evaluate([...outputs, norm], feeds).map(({ data }) => data[0] as number);
  };

  it('scales down to the bound, leaves smaller gradients alone, and reports the norm before', () => {
    expect(clipped(1, [3, 4])).toEqual([expect.closeTo(0.6), expect.closeTo(0.8), 5]);
    expect(clipped(10, [3, 4])).toEqual([3, 4, 5]);
  });

  it('lets NaN through to the norm, where a guard can see it', () => {
    expect(clipped(1, [Number.NaN, 1])[2]).toBeNaN();
  });
});
