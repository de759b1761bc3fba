import { type Shape, sizeOf } from '../core/index.js';
import type { ModernBertConfig } from './config.js';

/** Name (Hugging Face's), shape and role of one trainable tensor. */
export interface ParameterSpec {
  readonly name: string;
  readonly shape: Shape;
  /** Embeddings and matrices are subject to weight decay; gains and biases are not. */
  readonly kind: 'embedding' | 'matrix' | 'gain' | 'bias';
  /** Equal pieces along the first axis that the forward pass takes apart; training keeps them apart. */
  readonly pieces?: number;
}

/** The values of one parameter. */
export interface ParameterValue {
  readonly shape: Shape;
  readonly data: Float32Array;
}

/** Parameter values by Hugging Face name. */
export type ParameterValues = ReadonlyMap<string, ParameterValue>;

/** Name of the token embeddings, which the decoder shares. */
export const EMBEDDINGS = 'model.embeddings.tok_embeddings.weight';
export const DECODER_BIAS = 'decoder.bias';

/** Every parameter of a ModernBERT masked language model, in the order of its forward pass. */
export function parameterSpecs(config: ModernBertConfig): ParameterSpec[] {
  const { vocabSize: V, hiddenSize: H, intermediateSize: F } = config;
  const specs: ParameterSpec[] = [
    { name: EMBEDDINGS, shape: [V, H], kind: 'embedding' },
    { name: 'model.embeddings.norm.weight', shape: [H], kind: 'gain' },
  ];
  for (let layer = 0; layer < config.numHiddenLayers; layer++) {
    const prefix = `model.layers.${layer}`;
    if (layer > 0) specs.push({ name: `${prefix}.attn_norm.weight`, shape: [H], kind: 'gain' });
    specs.push({ name: `${prefix}.attn.Wqkv.weight`, shape: [3 * H, H], kind: 'matrix', pieces: 3 });
    if (config.attentionBias)
      specs.push({ name: `${prefix}.attn.Wqkv.bias`, shape: [3 * H], kind: 'bias', pieces: 3 });
    specs.push({ name: `${prefix}.attn.Wo.weight`, shape: [H, H], kind: 'matrix' });
    if (config.attentionBias) specs.push({ name: `${prefix}.attn.Wo.bias`, shape: [H], kind: 'bias' });
    specs.push(
      { name: `${prefix}.mlp_norm.weight`, shape: [H], kind: 'gain' },
      { name: `${prefix}.mlp.Wi.weight`, shape: [2 * F, H], kind: 'matrix', pieces: 2 },
      { name: `${prefix}.mlp.Wo.weight`, shape: [H, F], kind: 'matrix' },
    );
  }
  specs.push(
    { name: 'model.final_norm.weight', shape: [H], kind: 'gain' },
    { name: 'head.dense.weight', shape: [H, H], kind: 'matrix' },
  );
  if (config.classifierBias) specs.push({ name: 'head.dense.bias', shape: [H], kind: 'bias' });
  specs.push(
    { name: 'head.norm.weight', shape: [H], kind: 'gain' },
    { name: DECODER_BIAS, shape: [V], kind: 'bias' },
  );
  return specs;
}

/** Number of trainable values. */
export function parameterCount(config: ModernBertConfig): number {
  return parameterSpecs(config).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}
