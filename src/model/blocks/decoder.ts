import { add, linear, type Tensor } from '../../graph/index.js';
import type { ParameterSpec } from '../parameters.js';
import type { Weights } from '../weights.js';

/** Names of a decoder's parameters. */
export interface DecoderNames {
  /** Token embeddings f32[V, width], which the decoder shares unless it is untied. */
  readonly embeddings: string;
  /** Weight f32[V, width] of an untied decoder. */
  readonly weight: string;
  /** Bias f32[V]. */
  readonly bias: string;
}

/** Parameters of a decoder: a bias, and a weight of its own where it is untied. */
export function decoderSpecs(
  names: DecoderNames,
  [vocabSize, width]: readonly [number, number],
  options: { readonly tied: boolean; readonly bias?: boolean },
): ParameterSpec[] {
  const weight = { name: names.weight, shape: [vocabSize, width], kind: 'matrix' } as const;
  const bias = { name: names.bias, shape: [vocabSize], kind: 'bias' } as const;
  return [...(options.tied ? [] : [weight]), ...(options.bias === false ? [] : [bias])];
}

/** Rows f32[M, width] to logits f32[M, V]; `validity` f32[V] is added to the bias. */
export function decode(weights: Weights, names: DecoderNames, rows: Tensor, validity?: Tensor): Tensor {
  const bias = weights.find(names.bias);
  const sum = bias && validity ? add(bias, validity) : (bias ?? validity);
  return linear(rows, weights.find(names.weight) ?? weights.get(names.embeddings), sum);
}

/** Other names for a decoder's tied parameters: copy to original. */
export function tiedDecoder(
  names: DecoderNames,
  tied: boolean,
  biasCopies: readonly string[] = [],
): Record<string, string> {
  return {
    ...(tied ? { [names.weight]: names.embeddings } : {}),
    ...Object.fromEntries(biasCopies.map((copy) => [copy, names.bias])),
  };
}
