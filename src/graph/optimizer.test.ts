import { describe, expect, it } from 'vitest';
import { evaluate } from './evaluate.js';
import { Graph, type NdArray } from './graph.js';
import { input } from './ops/source.js';
import { ADAMW_INPUTS, adamW, adamWScalars, clipByGlobalNorm, momentName } from './optimizer.js';

const options = { beta1: 0.9, beta2: 0.98, epsilon: 1e-6, weightDecay: 0.1 };
const array = (...values: number[]): NdArray => ({ shape: [values.length], data: Float64Array.from(values) });
const scalar = (value: number): NdArray => ({ shape: [], data: Float64Array.of(value) });

/** Algorithm 2 of Loshchilov & Hutter (2019), as printed. */
function textbook(theta: number, slopes: readonly number[], rate: number, decay: number): number {
  let [value, m, v] = [theta, 0, 0];
  for (const [index, g] of slopes.entries()) {
    m = options.beta1 * m + (1 - options.beta1) * g;
    v = options.beta2 * v + (1 - options.beta2) * g * g;
    const mHat = m / (1 - options.beta1 ** (index + 1));
    const vHat = v / (1 - options.beta2 ** (index + 1));
    value -= rate * (mHat / (Math.sqrt(vHat) + options.epsilon) + decay * value);
  }
  return value;
}

describe('adamW', () => {
  it('takes the steps of the paper, with decay on matrices only', () => {
    const graph = new Graph();
    const parameters = [
      { name: 'matrix', tensor: input(graph, 'matrix', 'float32', [2]), decays: true },
      { name: 'bias', tensor: input(graph, 'bias', 'float32', [2]), decays: false },
    ];
    const slope = input(graph, 'gradient', 'float32', [2]);
    const next = adamW(parameters, [slope, slope], options);
    let state = new Map<string, NdArray>([
      ['matrix', array(1, -2)],
      ['bias', array(1, -2)],
      ...['matrix', 'bias'].flatMap((name) =>
        (['first', 'second'] as const).map((moment): [string, NdArray] => [
          momentName(name, moment),
          array(0, 0),
        ]),
      ),
    ]);
    const slopes = [
      [0.5, -3],
      [0.1, 2],
      [-0.7, 1e-3],
      [0.2, 0],
    ];
    for (const [index, values] of slopes.entries()) {
      const { stepSize, epsilon, retained } = adamWScalars(index + 1, 0.01, options);
      const scalars = [stepSize, epsilon, retained].map(scalar);
      const feeds = new Map([...state, ['gradient', array(...values)] as const]);
      for (const [position, name] of ADAMW_INPUTS.entries()) feeds.set(name, scalars[position] as NdArray);
      const results = evaluate([...next.values()], feeds);
      state = new Map([...next.keys()].map((name, position) => [name, results[position] as NdArray]));
    }
    for (const [name, decay] of [
      ['matrix', 0.1],
      ['bias', 0],
    ] as const) {
      for (const element of [0, 1]) {
        const expected = textbook(
          element === 0 ? 1 : -2,
          slopes.map((values) => values[element] as number),
          0.01,
          decay,
        );
        // Factors inside the graph are float32 constants.
        expect(state.get(name)?.data[element]).toBeCloseTo(expected, 6);
      }
    }
  });
});

describe('clipByGlobalNorm', () => {
  const clipped = (maxNorm: number, values: readonly number[]) => {
    const graph = new Graph();
    const gradients = values.map((_, index) => input(graph, `g${index}`, 'float32', [1]));
    const { clipped: outputs, norm } = clipByGlobalNorm(gradients, maxNorm);
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
