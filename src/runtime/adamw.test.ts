import { describe, expect, it } from 'vitest';
import { RandomPurpose, RandomStream } from '../core/index.js';
import { adamWScalars } from '../graph/index.js';
import { AdamWState } from './adamw.js';

const options = { beta1: 0.9, beta2: 0.98, epsilon: 1e-6, weightDecay: 0.1 };
const RATE = 0.01;

/** Algorithm 2 of Loshchilov & Hutter (2019), as printed. */
function textbook(theta: number, slopes: readonly number[], decay: number): number {
  let [value, m, v] = [theta, 0, 0];
  for (const [index, g] of slopes.entries()) {
    m = options.beta1 * m + (1 - options.beta1) * g;
    v = options.beta2 * v + (1 - options.beta2) * g * g;
    const mHat = m / (1 - options.beta1 ** (index + 1));
    const vHat = v / (1 - options.beta2 ** (index + 1));
    value -= RATE * (mHat / (Math.sqrt(vHat) + options.epsilon) + decay * value);
  }
  return value;
}

const update = (parameter: string, size: number, decays: boolean) => ({
  parameter,
  first: `${parameter}/first`,
  second: `${parameter}/second`,
  gradient: `${parameter}/gradient`,
  shape: [size],
  decays,
});

describe('AdamWState', () => {
  // Sizes around a group of four, and around the chunk in which gradients are copied.
  it.each([1, 3, 4, 5, 4093, 8191, 8192, 8193, 20_001])(
    'takes the steps of the paper on %i values',
    (size) => {
      const setup = {
        beta1: options.beta1,
        beta2: options.beta2,
        updates: [update('matrix', size, true), update('bias', size, false)],
        maxGradientNorm: 1,
        norm: 'norm',
      };
      const state = new AdamWState(setup);
      const random = new RandomStream(size, RandomPurpose.sampling);
      const draw = () => Float32Array.from({ length: size }, () => random.nextNormal());
      const initial = { matrix: draw(), bias: draw() };
      for (const [name, values] of Object.entries(initial)) state.tensors.get(name)?.set(values);
      const slopes = { matrix: [draw(), draw(), draw()], bias: [draw(), draw(), draw()] };
      const scale = 0.5;
      for (const step of [0, 1, 2]) {
        const gradients = (output: string) =>
          slopes[output.replace('/gradient', '') as 'matrix' | 'bias'][step] as Float32Array;
        state.update(setup, gradients, scale, adamWScalars(step + 1, RATE, options));
      }
      for (const [name, decay] of [
        ['matrix', options.weightDecay],
        ['bias', 0],
      ] as const) {
        const reached = state.tensors.get(name) as Float32Array;
        expect(reached).toHaveLength(size);
        for (const [index, start] of initial[name].entries()) {
          const expected = textbook(
            start,
            slopes[name].map((values) => scale * (values[index] as number)),
            decay,
          );
          expect(Math.abs((reached[index] as number) - expected)).toBeLessThan(
            1e-6 * (1 + Math.abs(expected)),
          );
        }
      }
    },
  );

  it('gives NaN where a gradient is NaN, and touches nothing else', () => {
    const setup = { ...options, updates: [update('w', 5, true)], maxGradientNorm: 1, norm: 'norm' };
    const state = new AdamWState(setup);
    const gradient = Float32Array.of(0, Number.NaN, 0, 0, 0);
    state.update(setup, () => gradient, 1, adamWScalars(1, RATE, options));
    expect([...(state.tensors.get('w') ?? [])]).toEqual([0, Number.NaN, 0, 0, 0]);
  });

  it('takes values of its own names and sizes only', () => {
    const state = new AdamWState({
      ...options,
      updates: [update('w', 2, true)],
      maxGradientNorm: 1,
      norm: 'n',
    });
    state.write('w', Float32Array.of(1, 2));
    expect([...(state.tensors.get('w') ?? [])]).toEqual([1, 2]);
    expect(() => state.write('w', Float32Array.of(1))).toThrow("'w' has 2 values, got 1");
    expect(() => state.write('x', Float32Array.of(1))).toThrow("'x' has no values, got 1");
  });

  it('says when a model is too large for it', () => {
    const setup = { ...options, updates: [update('w', 2 ** 29, true)], maxGradientNorm: 1, norm: 'norm' };
    expect(() => new AdamWState(setup)).toThrow('parameters and moments take 6.0 GiB');
  });
});
