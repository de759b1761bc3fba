import { describe, expect, it } from 'vitest';
import { gradients } from './autodiff.js';
import { evaluate } from './evaluate.js';
import { Graph, type NdArray } from './graph.js';
import { opTable } from './op-table.js';
import { mul } from './ops/elementwise.js';
import { reduceSum } from './ops/layout.js';
import { cast } from './ops/select.js';
import { input, scalar, stopGradient } from './ops/source.js';
import { drawInputs, gradientProgram, opCases } from './testing/index.js';

const STEP = 1e-5;

/** Central difference of the loss for one element of one input, in float64. */
function centralDifference(
  lossAt: (feeds: Map<string, NdArray>) => number,
  feeds: Map<string, NdArray>,
  name: string,
  element: number,
): number {
  const moved = (delta: number) => {
    const value = feeds.get(name) as NdArray;
    const data = Float64Array.from(value.data);
    data[element] = (data[element] as number) + delta;
    return lossAt(new Map(feeds).set(name, { shape: value.shape, data }));
  };
  return (moved(STEP) - moved(-STEP)) / (2 * STEP);
}

describe('gradients against central differences in float64', () => {
  for (const [name, op] of Object.entries(opCases)) {
    it(name, () => {
      const program = gradientProgram(op);
      const feeds = drawInputs(op);
      const lossAt = (at: Map<string, NdArray>) => evaluate([program.loss], at)[0]?.data[0] as number;
      for (const [index, analytic] of evaluate(program.gradients, feeds).entries()) {
        for (const [element, value] of analytic.data.entries()) {
          const numeric = centralDifference(lossAt, feeds, `x${index}`, element);
          expect(Math.abs(value - numeric), `x${index}[${element}]`).toBeLessThan(
            1e-7 * (1 + Math.abs(numeric)),
          );
        }
      }
    });
  }
});

describe('gradients', () => {
  it('has a case for every op that has a gradient rule, and for no other', () => {
    const differentiable = Object.values(opTable).filter((rule) => typeof rule.gradient === 'function');
    const names = differentiable.map((rule) => rule.name).filter((name) => name !== 'positive');
    expect(Object.keys(opCases).sort()).toEqual(names.sort());
  });

  it('refuses a loss that is no scalar, an unrelated source, and an op without a gradient', () => {
    const graph = new Graph();
    const x = input(graph, 'x', 'float32', [2]);
    const y = input(graph, 'y', 'float32', [2]);
    expect(() => gradients(x, [x])).toThrow('the loss must be f32[], got f32[2]');
    const loss = reduceSum(mul(x, x), [0]);
    expect(() => gradients(loss, [y])).toThrow("does not depend on input 'y'");
    const whole = reduceSum(cast(cast(x, 'int32'), 'float32'), [0]);
    expect(() => gradients(mul(whole, scalar(graph, 2)), [x])).toThrow("'cast' is not differentiable");
  });

  it('stops at stopGradient', () => {
    const graph = new Graph();
    const x = input(graph, 'x', 'float32', [2]);
    const loss = reduceSum(mul(x, stopGradient(x)), [0]);
    const feeds = new Map([['x', { shape: [2], data: Float64Array.of(3, 5) }]]);
    expect([...(evaluate(gradients(loss, [x]), feeds)[0]?.data ?? [])]).toEqual([3, 5]);
  });
});
