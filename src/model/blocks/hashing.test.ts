import { expect, it } from 'vitest';
import { constant, evaluate, Graph } from '../../graph/index.js';
import { hashNumbers, modulo, numberTable } from './hashing.js';

it('wraps every sum of two numbers below n to below n', () => {
  const n = 5;
  const sums = Float32Array.from({ length: 2 * n - 1 }, (_, sum) => sum);
  const graph = new Graph();
  const wrapped = modulo(constant(graph, sums, [sums.length, 1]), n);
  expect([...(evaluate([wrapped], new Map())[0]?.data ?? [])]).toEqual([0, 1, 2, 3, 4, 0, 1, 2, 3]);
});

it('gives the same numbers below the rows again, others to another stream', () => {
  const numbers = hashNumbers(50, 7, 1, 0);
  expect(Math.max(...numbers)).toBeLessThan(7);
  expect(hashNumbers(50, 7, 1, 0)).toEqual(numbers);
  expect(hashNumbers(50, 7, 1, 1)).not.toEqual(numbers);
  expect(evaluate([numberTable(new Graph(), numbers)], new Map())[0]?.data).toEqual(
    Float64Array.from(numbers),
  );
});
