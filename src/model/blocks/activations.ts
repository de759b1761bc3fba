import { add, addScalar, gelu, mul, relu, reluSquared, scale, type Tensor, tanh } from '../../graph/index.js';

/** Activations by their names in transformers. */
export const ACTIVATIONS = [
  'gelu',
  'gelu_new',
  'gelu_pytorch_tanh',
  'relu',
  'relu2',
  'tanh',
  'linear',
] as const;
export type Activation = (typeof ACTIVATIONS)[number];

/** GELU by tanh (Hendrycks & Gimpel 2016, section 2): x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))). */
function geluByTanh(x: Tensor): Tensor {
  const cube = mul(mul(x, x), x);
  const inner = scale(add(x, scale(cube, 0.044715)), Math.sqrt(2 / Math.PI));
  return mul(scale(x, 0.5), addScalar(tanh(inner), 1));
}

/** What each activation computes. */
export const activations: Readonly<Record<Activation, (x: Tensor) => Tensor>> = {
  gelu,
  gelu_new: geluByTanh,
  gelu_pytorch_tanh: geluByTanh,
  relu,
  relu2: reluSquared,
  tanh,
  linear: (x) => x,
};
