import { gelu, relu, reluSquared, type Tensor, tanh } from '../../graph/index.js';

/** Activations by their names in transformers. */
export const ACTIVATIONS = ['gelu', 'relu', 'relu2', 'tanh', 'linear'] as const;
export type Activation = (typeof ACTIVATIONS)[number];

/** What each activation computes. */
export const activations: Readonly<Record<Activation, (x: Tensor) => Tensor>> = {
  gelu,
  relu,
  relu2: reluSquared,
  tanh,
  linear: (x) => x,
};
