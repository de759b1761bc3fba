import type { Shape } from '../../core/index.js';
import type { Graph, OpName, Tensor } from '../graph.js';
import { attention } from '../ops/attention.js';
import { gatherColumns, scatterAddColumns } from '../ops/columns.js';
import * as elementwise from '../ops/elementwise.js';
import { concat, expand, reduceSum, reshape, split, transpose } from '../ops/layout.js';
import { linear, matMul } from '../ops/linear.js';
import { softmaxCrossEntropy } from '../ops/loss.js';
import { layerNorm, softmax } from '../ops/normalisation.js';
import { rotary } from '../ops/rotary.js';
import { addScattered, cast, equal, gatherRows, rowMax, scatterAddRows, sumSquares } from '../ops/select.js';
import { shift } from '../ops/shift.js';
import { after, constant, stopGradient } from '../ops/source.js';

/** An op under test: float inputs by shape, and an expression that uses one of them twice. */
export interface OpCase {
  readonly shapes: readonly Shape[];
  /** Inputs are drawn from N(0, 1), or from U(0.5, 2) where a domain is positive. */
  readonly positive?: boolean;
  build(inputs: readonly Tensor[], graph: Graph): Tensor;
}

/** Ops that autodiff passes through. */
export type DifferentiableName = Exclude<
  OpName,
  | 'input'
  | 'constant'
  | 'stopGradient'
  | 'after'
  | 'rowMax'
  | 'equal'
  | 'cast'
  | 'positive'
  | 'softmaxCrossEntropyGradient'
>;

const ids = (graph: Graph, values: readonly number[], shape: Shape = [values.length]) =>
  constant(graph, Int32Array.from(values), shape);

const floats = (graph: Graph, values: readonly number[], shape: Shape = [values.length]) =>
  constant(graph, Float32Array.from(values), shape);

/** cos and sin of made-up angles, f32[length, half]. */
function angles(graph: Graph, length: number, half: number): [Tensor, Tensor] {
  const values = Array.from({ length: length * half }, (_, index) => 0.3 + 0.7 * index);
  return [
    floats(graph, values.map(Math.cos), [length, half]),
    floats(graph, values.map(Math.sin), [length, half]),
  ];
}

const first = (inputs: readonly Tensor[]): Tensor => inputs[0] as Tensor;
const second = (inputs: readonly Tensor[]): Tensor => inputs[1] as Tensor;
const third = (inputs: readonly Tensor[]): Tensor => inputs[2] as Tensor;

const { add, sub, mul, div, neg, exp, log, sqrt, tanh, erf, relu, reluSquared, gelu, scale } = elementwise;

const unary = (f: (x: Tensor) => Tensor, positive = false): OpCase => ({
  shapes: [[3, 4]],
  positive,
  build: (inputs) => mul(f(first(inputs)), first(inputs)),
});

/** One case for each differentiable op; a new op without one does not compile. */
export const opCases: { readonly [Name in DifferentiableName]: OpCase } = {
  add: { shapes: [[2, 3, 4], [4]], build: (x) => add(add(first(x), second(x)), mul(second(x), second(x))) },
  sub: {
    shapes: [
      [2, 3],
      [2, 1],
    ],
    build: (x) => sub(mul(second(x), first(x)), second(x)),
  },
  mul: {
    shapes: [
      [2, 3],
      [1, 3],
    ],
    build: (x) => mul(mul(first(x), second(x)), second(x)),
  },
  div: { shapes: [[2, 3], [3]], positive: true, build: (x) => div(div(first(x), second(x)), first(x)) },
  neg: unary(neg),
  exp: unary(exp),
  log: unary(log, true),
  sqrt: unary(sqrt, true),
  tanh: unary(tanh),
  erf: unary(erf),
  relu: unary(relu),
  reluSquared: unary(reluSquared),
  gelu: unary(gelu),
  matMul: {
    shapes: [
      [2, 3, 4],
      [2, 5, 4],
    ],
    build: (x) => {
      const product = matMul(scale(first(x), 0.5), scale(second(x), 0.75), { transB: true, alpha: 0.5 });
      const plain = matMul(product, second(x));
      const left = matMul(product, first(x), { transA: true });
      const both = matMul(left, product, { transA: true, transB: true, alpha: 2 });
      return matMul(both, plain);
    },
  },
  linear: {
    shapes: [[3, 4], [4, 4], [4]],
    build: (x) => linear(linear(first(x), second(x), third(x)), second(x), third(x)),
  },
  reshape: { shapes: [[2, 6]], build: (x) => matMul(reshape(first(x), [4, 3]), reshape(first(x), [3, -1])) },
  shift: {
    shapes: [[2, 4, 3]],
    build: (x) => mul(add(shift(first(x), 1), shift(first(x), -2)), first(x)),
  },
  transpose: {
    shapes: [[2, 3, 2]],
    build: (x) => mul(transpose(first(x), [2, 1, 0]), transpose(transpose(first(x), [1, 2, 0]), [1, 0, 2])),
  },
  split: {
    shapes: [[2, 6, 2]],
    build: (x) => {
      const [a, b] = split(first(x), [2, 1, 3], 1) as [Tensor, Tensor];
      const [again] = split(concat([mul(a, b), a], 1), [2, 2], 1) as [Tensor];
      return mul(again, a);
    },
  },
  concat: {
    shapes: [
      [2, 1, 3],
      [2, 2, 3],
    ],
    build: (x) => concat([first(x), second(x), mul(first(x), first(x))], 1),
  },
  expand: { shapes: [[3, 1]], build: (x) => mul(expand(first(x), [2, 3, 4]), first(x)) },
  reduceSum: {
    shapes: [[2, 3, 4]],
    build: (x) => mul(reduceSum(first(x), [0, 2], true), mul(reduceSum(first(x), [1], true), first(x))),
  },
  sumSquares: { shapes: [[2, 3]], build: (x) => mul(sumSquares(first(x)), first(x)) },
  gatherRows: {
    shapes: [[5, 3]],
    build: (x, graph) => {
      const rows = gatherRows(first(x), ids(graph, [1, 3, 1, 1, 0, 4], [2, 3]));
      return mul(rows, reduceSum(first(x), [0]));
    },
  },
  scatterAddRows: {
    shapes: [[2, 3, 4]],
    build: (x, graph) => {
      const places = ids(graph, [1, 3, 1, 1, 0, 3], [2, 3]);
      const table = scatterAddRows(first(x), places, 5);
      const product = mul(table, reduceSum(first(x), [0, 1]));
      return mul(addScattered(product, scatterAddRows(first(x), places, 5)), table);
    },
  },
  gatherColumns: {
    shapes: [[2, 5]],
    build: (x, graph) => {
      const picked = gatherColumns(first(x), ids(graph, [4, 0, 4, 1, 2, 3], [2, 3]));
      return mul(picked, reduceSum(first(x), [1], true));
    },
  },
  scatterAddColumns: {
    shapes: [
      [2, 3],
      [2, 5],
    ],
    build: (x, graph) => {
      const table = scatterAddColumns(first(x), ids(graph, [4, 0, 4, 1, 2, 3], [2, 3]), second(x));
      return mul(table, mul(second(x), reduceSum(first(x), [1], true)));
    },
  },
  softmax: { shapes: [[2, 5]], build: (x) => mul(softmax(first(x)), first(x)) },
  layerNorm: {
    shapes: [[2, 3, 6], [6], [6]],
    build: (x) => {
      const inner = mul(layerNorm(first(x), second(x), 1e-5, third(x)), first(x));
      return mul(layerNorm(inner, second(x), 1e-5, third(x)), layerNorm(first(x), second(x), 1e-5));
    },
  },
  rotary: {
    shapes: [[2, 2, 3, 4]],
    build: (x, graph) => {
      const [cos, sin] = angles(graph, 3, 2);
      const [farCos, farSin] = angles(graph, 7, 2);
      const places = ids(graph, [6, 0, 4, 1, 1, 5], [2, 3]);
      const atPlaces = rotary(first(x), farCos, farSin, { places });
      const thereAndBack = rotary(atPlaces, farCos, farSin, { places, inverse: true });
      const bothWays = mul(rotary(first(x), cos, sin), rotary(first(x), cos, sin, { inverse: true }));
      return add(atPlaces, mul(bothWays, thereAndBack));
    },
  },
  attention: {
    shapes: [
      [2, 2, 3, 4],
      [2, 2, 3, 4],
    ],
    build: (x, graph) => {
      const bias = floats(graph, [0, -2, 0, 0, 0, -3], [2, 1, 1, 3]);
      const inner = attention(first(x), second(x), first(x), 0.5, bias).context;
      const fewer = split(inner, [2, 1], 2)[0] as Tensor; // two queries, three keys
      return attention(fewer, second(x), first(x), 0.7).context;
    },
  },
  softmaxCrossEntropy: {
    shapes: [[3, 5]],
    build: (x, graph) => {
      const logits = mul(first(x), first(x));
      return scale(softmaxCrossEntropy(logits, ids(graph, [4, 0, 2]), floats(graph, [0.5, 0, 1.5])).loss, 2);
    },
  },
  decodedCrossEntropy: {
    shapes: [[3, 2], [5, 2], [5]],
    build: (x, graph) => {
      const logits = linear(mul(first(x), first(x)), second(x), third(x));
      const { loss } = softmaxCrossEntropy(logits, ids(graph, [4, 0, 4]), floats(graph, [0.5, 0, 1.5]));
      return add(scale(loss, 2), reduceSum(mul(second(x), second(x)), [0, 1]));
    },
  },
};

/** Ops without a gradient, for evaluation against the back end. */
export const otherCases: Readonly<Record<string, OpCase>> = {
  rowMax: { shapes: [[2, 3, 5]], build: (x) => rowMax(first(x)) },
  equal: {
    shapes: [[3, 4]],
    build: (x, graph) =>
      cast(
        equal(cast(first(x), 'int32'), ids(graph, [0, 1, -1, 0, 1, -1, 0, 1, 0, 0, 0, 1], [3, 4])),
        'float32',
      ),
  },
  // Products whose left operand is turned by a node of its own: it, or the result of the other order.
  'matMul, turned operand': {
    shapes: [
      [3, 4],
      [3, 130],
    ],
    build: (x) => matMul(first(x), second(x), { transA: true, alpha: 0.5 }),
  },
  'matMul, turned result': {
    shapes: [
      [500, 4],
      [130, 500],
    ],
    build: (x) => matMul(first(x), second(x), { transA: true, transB: true, alpha: 0.5 }),
  },
  'matMul, turned result of a turned operand': {
    shapes: [
      [300, 280],
      [300, 130],
    ],
    build: (x) => matMul(first(x), second(x), { transA: true }),
  },
  positive: { shapes: [[3, 5]], build: (x) => elementwise.positive(first(x)) },
  stopGradient: { shapes: [[3]], build: (x) => stopGradient(first(x)) },
  after: { shapes: [[3], [2, 2]], build: (x) => after(first(x), second(x)) },
  'after a number': { shapes: [[3], []], build: (x) => after(after(first(x), second(x)), first(x)) },
};
