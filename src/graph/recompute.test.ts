import { describe, expect, it } from 'vitest';
import { gradients } from './autodiff.js';
import { evaluate, reachableNodes } from './evaluate.js';
import { Graph, type OpNode, type Tensor } from './graph.js';
import { add, exp, mul, tanh } from './ops/elementwise.js';
import { reduceSum } from './ops/layout.js';
import { after, constant, input } from './ops/source.js';

/** Three blocks x -> x + w tanh(exp(x)) w, and the sum of what they come to; `w` is used twice in each. */
function blocks() {
  const graph = new Graph();
  const [x, w] = [input(graph, 'x', 'float32', [3]), input(graph, 'w', 'float32', [3])];
  const kept: Tensor[] = [mul(x, w)];
  for (let block = 0; block < 3; block++) {
    const start = kept.at(-1) as Tensor;
    kept.push(add(start, mul(mul(w, tanh(exp(start))), w)));
  }
  return { x, w, kept, loss: reduceSum(kept.at(-1) as Tensor, [0]) };
}

const feeds = new Map([
  ['x', { shape: [3], data: Float64Array.of(0.5, -1, 0.25) }],
  ['w', { shape: [3], data: Float64Array.of(0.7, -0.3, 1.1) }],
]);

const named = (nodes: readonly OpNode[], name: string) => nodes.filter(({ rule }) => rule.name === name);

describe('gradients with kept tensors', () => {
  it('are the same, and nothing between those outlives the forward pass', () => {
    const [plain, spare] = [blocks(), blocks()];
    const expected = evaluate(gradients(plain.loss, [plain.x, plain.w]), feeds);
    const forward = new Set(reachableNodes([spare.loss]));
    const slopes = gradients(spare.loss, [spare.x, spare.w], { kept: spare.kept });
    expect(evaluate(slopes, feeds)).toEqual(expected);

    const nodes = reachableNodes([spare.loss, ...slopes]);
    expect(named(nodes, 'exp')).toHaveLength(6);
    expect(named(nodes, 'after')).toHaveLength(3);
    const held = nodes
      .filter((node) => !forward.has(node))
      .flatMap(({ inputs }) => inputs)
      .filter((tensor) => forward.has(tensor.node) && tensor.node.inputs.length > 0);
    const ends = new Set(spare.kept.map(({ id }) => id));
    expect(held.length).toBeGreaterThan(0);
    expect(held.filter(({ id }) => !ends.has(id))).toEqual([]);
  });

  it('keep all without two of them', () => {
    const { x, kept, loss } = blocks();
    const nodes = reachableNodes(gradients(loss, [x], { kept: kept.slice(0, 1) }));
    expect(named(nodes, 'after')).toHaveLength(0);
  });
});

it('after refuses what is no float tensor', () => {
  const graph = new Graph();
  const x = input(graph, 'x', 'float32', [2]);
  const ids = constant(graph, Int32Array.of(1), [1]);
  expect(() => after(x, ids)).toThrow('after: the earlier tensor must be f32, not empty, got i32[1]');
});
