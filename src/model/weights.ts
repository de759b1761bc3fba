import { ConfigError } from '../core/index.js';
import { layerNorm, linear, type Tensor } from '../graph/index.js';
import type { ParameterTensors } from './language-model.js';

/** Parameters below a prefix of their names, so that a block reads the same in every layer and family. */
export class Weights {
  constructor(
    private readonly tensors: ParameterTensors,
    private readonly prefix = '',
  ) {}

  /** The weights below `name`. */
  at(name: string): Weights {
    return new Weights(this.tensors, `${this.prefix}${name}.`);
  }

  /** The tensor of that name; throws a ConfigError when it was not declared. */
  get(name: string): Tensor {
    const tensor = this.find(name);
    if (!tensor) throw new ConfigError(`parameter '${this.prefix}${name}' was not declared`);
    return tensor;
  }

  /** The tensor of that name, or undefined: biases that a configuration leaves out. */
  find(name: string): Tensor | undefined {
    return this.tensors.get(`${this.prefix}${name}`);
  }
}

/** x W^T + b by the `weight` and, where there is one, the `bias` of `weights`: f32[N, I] to f32[N, O]. */
export function dense(x: Tensor, weights: Weights): Tensor {
  return linear(x, weights.get('weight'), weights.find('bias'));
}

/** Layer normalisation over the last axis by the `weight` and, where there is one, the `bias` of `weights`. */
export function norm(x: Tensor, weights: Weights, epsilon: number): Tensor {
  return layerNorm(x, weights.get('weight'), epsilon, weights.find('bias'));
}
