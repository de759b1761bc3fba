import { RandomPurpose, RandomStream, sizeOf } from '../../core/index.js';
import { gradients } from '../autodiff.js';
import { Graph, type NdArray, type Tensor } from '../graph.js';
import { mul } from '../ops/elementwise.js';
import { reduceSum } from '../ops/layout.js';
import { constant, input } from '../ops/source.js';
import type { OpCase } from './op-cases.js';

/** Inputs of a case by name (`x0`, `x1`, ...), rounded to float32 so that every evaluator starts from the same. */
export function drawInputs(op: OpCase, seed = 0): Map<string, NdArray> {
  const random = new RandomStream(seed, RandomPurpose.sampling);
  const draw = () => Math.fround(op.positive ? 0.5 + 1.5 * random.nextFloat() : random.nextNormal());
  return new Map(
    op.shapes.map((shape, index) => [
      `x${index}`,
      { shape, data: Float64Array.from({ length: sizeOf(shape) }, draw) },
    ]),
  );
}

/** The op's output, a scalar loss sum(output * fixed weights), and the loss's gradient for each input. */
export function gradientProgram(op: OpCase): { output: Tensor; loss: Tensor; gradients: Tensor[] } {
  const graph = new Graph();
  const inputs = op.shapes.map((shape, index) => input(graph, `x${index}`, 'float32', shape));
  const output = op.build(inputs, graph);
  const weights = Float32Array.from({ length: sizeOf(output.shape) }, (_, index) =>
    Math.fround(Math.cos(index + 1)),
  );
  const weighted = mul(output, constant(graph, weights, output.shape));
  const loss = reduceSum(
    weighted,
    output.shape.map((_, axis) => axis),
  );
  return { output, loss, gradients: gradients(loss, inputs) };
}
