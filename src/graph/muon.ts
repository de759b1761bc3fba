import { ShapeError } from '../core/index.js';
import type { Tensor } from './graph.js';
import { add, addScalar, div, mul, scale, sqrt, sub } from './ops/elementwise.js';
import { matMul } from './ops/linear.js';
import { sumSquares } from './ops/select.js';
import { input } from './ops/source.js';
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

/** Makes the size of an update that of AdamW's, so that one learning rate serves both (Liu et al. 2025, section 2.2). */
const UPDATE_SCALE = 0.2;

/**
 * Muon (Jordan et al. 2024): Nesterov momentum, orthogonalised by Newton-Schulz iterations, for matrices f32[O, I].
 * Returns the successors of parameters and momenta by input name; the momentum is kept as AdamW's first moment.
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
  const next = new Map<string, Tensor>();
  for (const [index, { name, tensor, decays }] of parameters.entries()) {
    const gradient = gradients[index];
    if (!gradient) throw new ShapeError(`muon: parameter '${name}' has no gradient`);
    const moment = input(graph, momentName(name, 'first'), 'float32', tensor.shape);
    const nextMoment = add(scale(moment, momentum), gradient);
    const direction = orthogonalise(add(scale(nextMoment, momentum), gradient));
    const size = UPDATE_SCALE * Math.sqrt(Math.max(...tensor.shape));
    const update = mul(scale(direction, size), learningRate);
    next.set(name, sub(decays ? mul(tensor, retained) : tensor, update));
    next.set(momentName(name, 'first'), nextMoment);
  }
  return next;
}

/** The nearest semi-orthogonal matrix, roughly: all singular values between 0.7 and 1.2. f32[O, I] to f32[O, I]. */
export function orthogonalise(x: Tensor): Tensor {
  const [rows, columns] = x.shape as readonly [number, number];
  const [a, b, c] = QUINTIC;
  let y = div(x, addScalar(sqrt(sumSquares(x)), 1e-7));
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    // The Gram matrix of the shorter side: y y^T from the left, or y^T y from the right.
    const gram = matMul(y, y, rows <= columns ? { transB: true } : { transA: true });
    const polynomial = add(scale(gram, b), matMul(gram, gram, { alpha: c }));
    const turned = rows <= columns ? matMul(polynomial, y) : matMul(y, polynomial);
    y = add(scale(y, a), turned);
  }
  return y;
}
