import { ShapeError } from '../core/index.js';
import type { Tensor } from './graph.js';
import { add, addScalar, div, mul, relu, scale, sqrt, sub } from './ops/elementwise.js';
import { sumSquares } from './ops/select.js';
import { input, scalar } from './ops/source.js';

/** A trainable tensor: a graph input whose name is also its name in checkpoints. */
export interface Parameter {
  readonly name: string;
  readonly tensor: Tensor;
  /** Whether weight decay applies: matrices yes, biases and norm gains no. */
  readonly decays: boolean;
  /** Whether it maps one hidden space to another, f32[O, I]: what Muon is for. */
  readonly isHiddenMatrix?: boolean;
}

export interface AdamWOptions {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
}

/** The numbers an AdamW step takes from outside, f32[] each, because they change from step to step. */
export interface AdamWScalars {
  readonly stepSize: number;
  readonly epsilon: number;
  readonly retained: number;
}

/** Names of the per-step inputs that `adamW` declares. */
export const ADAMW_INPUTS = ['adamw/stepSize', 'adamw/epsilon', 'adamw/retained'] as const;

/** Name of a parameter's moment in the optimizer's state. */
export function momentName(parameter: string, moment: 'first' | 'second'): string {
  return `${parameter}/moment_${moment}`;
}

/**
 * AdamW (Loshchilov & Hutter 2019, algorithm 2) with decoupled decay as graph: returns the successors of parameters
 * and moments by input name. Moments are kept unscaled, M = m / (1 - beta1) and V = v / (1 - beta2), which saves two
 * passes over memory; `adamWScalars` folds those factors and the bias corrections into three scalars.
 */
export function adamW(
  parameters: readonly Parameter[],
  gradients: readonly Tensor[],
  options: AdamWOptions,
): Map<string, Tensor> {
  const graph = parameters[0]?.tensor.node.graph;
  if (!graph) throw new ShapeError('adamW: there is no parameter to optimise');
  const [stepSize, epsilon, retained] = ADAMW_INPUTS.map((name) => input(graph, name, 'float32', [])) as [
    Tensor,
    Tensor,
    Tensor,
  ];
  const next = new Map<string, Tensor>();
  for (const [index, { name, tensor, decays }] of parameters.entries()) {
    const gradient = gradients[index];
    if (!gradient) throw new ShapeError(`adamW: parameter '${name}' has no gradient`);
    const first = input(graph, momentName(name, 'first'), 'float32', tensor.shape);
    const second = input(graph, momentName(name, 'second'), 'float32', tensor.shape);
    const nextFirst = add(scale(first, options.beta1), gradient);
    const nextSecond = add(scale(second, options.beta2), mul(gradient, gradient));
    const update = mul(div(nextFirst, add(sqrt(nextSecond), epsilon)), stepSize);
    next.set(name, sub(decays ? mul(tensor, retained) : tensor, update));
    next.set(momentName(name, 'first'), nextFirst);
    next.set(momentName(name, 'second'), nextSecond);
  }
  return next;
}

/** The scalars of step `step` (counted from 1) at a learning rate, computed in float64. */
export function adamWScalars(step: number, learningRate: number, options: AdamWOptions): AdamWScalars {
  const { beta1, beta2, epsilon, weightDecay } = options;
  const correction1 = 1 - beta1 ** step;
  const correction2 = 1 - beta2 ** step;
  const root = Math.sqrt(correction2 / (1 - beta2));
  return {
    stepSize: (learningRate * (1 - beta1) * root) / correction1,
    epsilon: epsilon * root,
    retained: 1 - learningRate * weightDecay,
  };
}

/**
 * Scales gradients so that their global norm is at most `maxNorm` (Pascanu et al. 2013): returns them with the norm
 * before scaling, f32[].
 */
export function clipByGlobalNorm(
  gradients: readonly Tensor[],
  maxNorm: number,
): { readonly clipped: Tensor[]; readonly norm: Tensor } {
  const squares = gradients.map(sumSquares);
  const total = squares.reduce((sum, square) => add(sum, square));
  const norm = sqrt(total);
  // min(1, maxNorm / norm) written without a minimum: maxNorm / max(norm, maxNorm).
  const factor = div(scalar(norm.node.graph, maxNorm), maximum(norm, maxNorm));
  return { clipped: gradients.map((gradient) => mul(gradient, factor)), norm };
}

/** max(x, bound) = bound + relu(x - bound). */
function maximum(x: Tensor, bound: number): Tensor {
  return addScalar(relu(addScalar(x, -bound)), bound);
}
