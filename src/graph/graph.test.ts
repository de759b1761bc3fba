import { describe, expect, it } from 'vitest';
import { Graph, type Tensor } from './graph.js';
import { attention } from './ops/attention.js';
import { add } from './ops/elementwise.js';
import { concat, expand, reshape, split, transpose } from './ops/layout.js';
import { linear, matMul } from './ops/linear.js';
import { softmaxCrossEntropy } from './ops/loss.js';
import { layerNorm } from './ops/normalisation.js';
import { rotary } from './ops/rotary.js';
import { gatherRows, scatterAddRows } from './ops/select.js';
import { constant, input } from './ops/source.js';

const graph = new Graph();
let inputs = 0;
const float = (...shape: number[]): Tensor => input(graph, `x${inputs++}`, 'float32', shape);
const int = (...shape: number[]): Tensor => input(graph, `x${inputs++}`, 'int32', shape);

describe('building an op with the wrong operands says which argument, what was expected, what came', () => {
  const cases: readonly (readonly [string, () => unknown, string])[] = [
    [
      'broadcast',
      () => add(float(2, 3), float(2)),
      'add: argument 1 must be f32 that broadcasts with [2,3], got f32[2]',
    ],
    ['dtype', () => add(int(2), float(2)), 'add: argument 0 must be f32, got i32[2]'],
    [
      'inner size',
      () => matMul(float(2, 3), float(4, 2)),
      'matMul: argument 1 must be f32 with leading axes [] and 3 rows',
    ],
    ['bias', () => linear(float(2, 3), float(4, 3), float(3)), 'linear: the bias must be f32[4], got f32[3]'],
    ['reshape', () => reshape(float(2, 3), [4]), 'reshape: argument 0 must be of 4 elements, got f32[2, 3]'],
    [
      'transpose',
      () => transpose(float(2, 3), [0, 0]),
      'transpose: argument 0 must be of rank 2, permuted by [0,0]',
    ],
    [
      'split',
      () => split(float(2, 3), [1, 1], 1),
      'split: argument 0 must be of size 2 on axis 1, got f32[2, 3]',
    ],
    [
      'concat',
      () => concat([float(2, 3), float(3, 3)], 1),
      'concat: argument 1 must be like [2,3] except on axis 1',
    ],
    ['expand', () => expand(float(2, 3), [4, 3]), 'expand: argument 0 must be broadcastable to [4,3]'],
    ['ids', () => gatherRows(float(4, 2), float(3)), 'gatherRows: the ids must be i32, got f32[3]'],
    [
      'updates',
      () => scatterAddRows(float(3, 2), int(4), 5),
      'scatterAddRows: the updates must be f32[4, width], got f32[3, 2]',
    ],
    ['gain', () => layerNorm(float(2, 4), float(3), 1e-5), 'layerNorm: the gain must be f32[4], got f32[3]'],
    [
      'rotary',
      () => rotary(float(1, 2, 3, 4), float(3, 2), float(3, 4)),
      'rotary: sin must be f32[3,2], got f32[3, 4]',
    ],
    [
      'rotary at places',
      () => rotary(float(1, 2, 3, 4), float(9, 2), float(9, 2), { places: int(1, 4) }),
      'rotary: places must be i32[1,3], got i32[1, 4]',
    ],
    [
      'attention',
      () => attention(float(1, 2, 3, 4), float(1, 2, 3, 2), float(1, 2, 3, 4), 1),
      'attention: the key must be f32[1,2,3,4]',
    ],
    [
      'labels',
      () => softmaxCrossEntropy(float(2, 3), int(3), float(2)),
      'softmaxCrossEntropy: the labels must be i32[2], got i32[3]',
    ],
    ['constant', () => constant(graph, Float32Array.of(1, 2), [3]), 'constant: f32[3] needs 3 values, got 2'],
  ];
  for (const [name, build, message] of cases) it(name, () => expect(build).toThrow(message));
});

describe('Graph', () => {
  it('refuses operands of another graph and a second input of one name', () => {
    const other = input(new Graph(), 'y', 'float32', [2]);
    expect(() => add(float(2), other)).toThrow('add: argument 1 belongs to another graph');
    const name = 'twice';
    input(graph, name, 'float32', []);
    expect(() => input(graph, name, 'float32', [])).toThrow(
      "graph input 'twice': the name is already in use",
    );
  });
});
