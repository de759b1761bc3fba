import { ShapeError } from '../core/index.js';
import type { Tensor, TensorType } from './graph.js';
import { add, addScalar, div, mul, relu, sqrt } from './ops/elementwise.js';
import { sumSquares } from './ops/select.js';
import { scalar } from './ops/source.js';

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

/** The numbers of an AdamW step that change from step to step. */
export interface AdamWScalars {
  readonly stepSize: number;
  readonly epsilon: number;
  readonly retained: number;
}

/** Name of a parameter's moment in the optimizer's state. */
export function momentName(parameter: string, moment: 'first' | 'second'): string {
  return `${parameter}/moment_${moment}`;
}

/** A parameter that AdamW moves against its gradient. */
export interface Descent {
  readonly name: string;
  readonly gradient: Tensor;
  readonly decays: boolean;
}

/** Parameters with their gradients, for AdamW. */
export function descents(parameters: readonly Parameter[], gradients: readonly Tensor[]): Descent[] {
  return parameters.map(({ name, decays }, index) => {
    const gradient = gradients[index];
    if (!gradient) throw new ShapeError(`AdamW: parameter '${name}' has no gradient`);
    return { name, gradient, decays };
  });
}

/** What AdamW keeps between steps, by name: parameters, each followed by its two moments. */
export function descentState(descents: readonly Descent[]): Map<string, TensorType> {
  return new Map(
    descents.flatMap(({ name, gradient: { dtype, shape } }) =>
      [name, momentName(name, 'first'), momentName(name, 'second')].map((key): [string, TensorType] => [
        key,
        { dtype, shape },
      ]),
    ),
  );
}

/**
 * The scalars of step `step` (counted from 1) at a learning rate, computed in float64, for moments that are kept
 * unscaled: M = m / (1 - beta1) and V = v / (1 - beta2). Those factors and the bias corrections are folded in.
 */
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

/** The norm of all gradients together, f32[]. */
export function globalNorm(gradients: readonly Tensor[]): Tensor {
  return sqrt(gradients.map(sumSquares).reduce((sum, square) => add(sum, square)));
}

/** Scales gradients so that their global norm is at most `maxNorm` (Pascanu et al. 2013). */
export function clipByNorm(gradients: readonly Tensor[], norm: Tensor, maxNorm: number): Tensor[] {
  // min(1, maxNorm / norm) written without a minimum: maxNorm / max(norm, maxNorm).
  const factor = div(scalar(norm.node.graph, maxNorm), maximum(norm, maxNorm));
  return gradients.map((gradient) => mul(gradient, factor));
}

/** max(x, bound) = bound + relu(x - bound). */
function maximum(x: Tensor, bound: number): Tensor {
  return addScalar(relu(addScalar(x, -bound)), bound);
}
