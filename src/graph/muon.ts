import { ShapeError } from '../core/index.js';
import type { Tensor } from './graph.js';
import { add, addScalar, div, mul, scale, sqrt, sub } from './ops/elementwise.js';
import { concat, reduceSum, reshape, split, transpose } from './ops/layout.js';
import { matMul } from './ops/linear.js';
import { constant, input } from './ops/source.js';
import { momentName, type Parameter } from './optimizer.js';

export interface MuonOptions {
  /** Decay of the momentum. */
  readonly momentum: number;
}

/** Names of the per-step inputs that `muon` declares: the learning rate, and the share of a weight that decay leaves. */
export const MUON_INPUTS = ['muon/learningRate', 'muon/retained'] as const;

/** Coefficients of the quintic iteration that pulls singular values to about 1 (Jordan et al. 2024). */
const QUINTIC = [3.4445, -4.775, 2.0315] as const;
const ITERATIONS = 5;

/**
 * Floating-point operations of one orthogonalisation of a matrix with these sides: each iteration has two products of its
 * longer side and one of the shorter alone.
 */
export function muonFlops(sides: readonly [number, number]): number {
  const [short, long] = [Math.min(...sides), Math.max(...sides)];
  return 2 * ITERATIONS * (2 * short ** 2 * long + short ** 3);
}

/** Makes the size of an update that of AdamW's, so that one learning rate serves both (Liu et al. 2025, section 2.2). */
const UPDATE_SCALE = 0.2;

/** One matrix that Muon updates. */
interface Update {
  readonly parameter: Parameter;
  readonly nextMoment: Tensor;
  /** Nesterov momentum, f32[O, I]. */
  readonly direction: Tensor;
}

/**
 * Muon (Jordan et al. 2024): Nesterov momentum, orthogonalised by Newton-Schulz iterations, for matrices f32[O, I].
 * Returns the successors of parameters and momenta by input name; the momentum is kept as AdamW's first moment. Matrices
 * of one size are orthogonalised in one stack: many small products would each wait for all threads.
 */
export function muon(
  parameters: readonly Parameter[],
  gradients: readonly Tensor[],
  { momentum }: MuonOptions,
): Map<string, Tensor> {
  const graph = parameters[0]?.tensor.node.graph;
  if (!graph) throw new ShapeError('muon: there is no parameter to optimise');
  const [learningRate, retained] = MUON_INPUTS.map((name) => input(graph, name, 'float32', [])) as [
    Tensor,
    Tensor,
  ];
  const updates = parameters.map((parameter, index): Update => {
    const gradient = gradients[index];
    if (!gradient) throw new ShapeError(`muon: parameter '${parameter.name}' has no gradient`);
    const { name, tensor } = parameter;
    const moment = input(graph, momentName(name, 'first'), 'float32', tensor.shape);
    const nextMoment = add(scale(moment, momentum), gradient);
    return { parameter, nextMoment, direction: add(scale(nextMoment, momentum), gradient) };
  });
  const next = new Map<string, Tensor>();
  for (const stack of stacksOf(updates)) {
    for (const [index, direction] of orthogonalDirections(stack).entries()) {
      const { parameter, nextMoment } = stack[index] as Update;
      const { name, tensor, decays } = parameter;
      const size = UPDATE_SCALE * Math.sqrt(Math.max(...tensor.shape));
      const update = mul(direction, scale(learningRate, size));
      next.set(name, sub(decays ? mul(tensor, retained) : tensor, update));
      next.set(momentName(name, 'first'), nextMoment);
    }
  }
  return next;
}

/** Updates whose matrices have the same sides, whichever is the longer. */
function stacksOf(updates: readonly Update[]): readonly (readonly Update[])[] {
  const stacks = new Map<string, Update[]>();
  for (const update of updates) {
    const key = [...update.direction.shape].sort((a, b) => a - b).join();
    stacks.set(key, [...(stacks.get(key) ?? []), update]);
  }
  return [...stacks.values()];
}

/** The directions of a stack, each orthogonalised, in order. */
function orthogonalDirections(stack: readonly Update[]): readonly Tensor[] {
  const isTall = ({ direction }: Update) => (direction.shape[0] as number) > (direction.shape[1] as number);
  const wide = stack.map((update) =>
    isTall(update) ? transpose(update.direction, [1, 0]) : update.direction,
  );
  const [rows, columns] = (wide[0] as Tensor).shape as readonly [number, number];
  const stacked = reshape(concat(wide, 0), [stack.length, rows, columns]);
  const flat = reshape(orthogonalise(stacked), [stack.length * rows, columns]);
  const parts = stack.length === 1 ? [flat] : split(flat, Array(stack.length).fill(rows), 0);
  return stack.map((update, index) => {
    const part = parts[index] as Tensor;
    return isTall(update) ? transpose(part, [1, 0]) : part;
  });
}

/**
 * The nearest semi-orthogonal matrices, roughly: all singular values between 0.7 and 1.2. f32[n, R, C] to f32[n, R, C],
 * R <= C.
 */
export function orthogonalise(x: Tensor): Tensor {
  const [, rows] = x.shape as readonly [number, number, number];
  const [a, b, c] = QUINTIC;
  const diagonal = (value: number): Tensor => {
    const data = new Float32Array(rows * rows);
    for (let row = 0; row < rows; row++) data[row * rows + row] = value;
    return constant(x.node.graph, data, [rows, rows]);
  };
  const [first, second] = [diagonal(b / c), diagonal(a)];
  const norms = sqrt(reduceSum(mul(x, x), [1, 2], true));
  let y = div(x, addScalar(norms, 1e-7));
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    const gram = matMul(y, y, { transB: true });
    // (a + b G + c G^2) y, with the powers of G on the short side only.
    const polynomial = add(matMul(gram, add(gram, first), { alpha: c }), second);
    y = matMul(polynomial, y);
  }
  return y;
}
