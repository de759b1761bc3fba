import { ConfigError } from '../core/index.js';
import {
  add,
  attention,
  constant,
  type Graph,
  gatherRows,
  gelu,
  input,
  layerNorm,
  linear,
  mul,
  relu,
  reluSquared,
  reshape,
  rotary,
  split,
  type Tensor,
  transpose,
} from '../graph/index.js';
import type { Activation, ModernBertConfig } from './config.js';
import { DECODER_BIAS, EMBEDDINGS, parameterSpecs } from './parameters.js';

/** A model's parameters as inputs of a graph, by name. */
export type ParameterTensors = ReadonlyMap<string, Tensor>;

/** Sizes of one forward pass. */
export interface BatchShape {
  /** B: sequences */
  readonly batchSize: number;
  /** T: tokens of a sequence */
  readonly sequenceLength: number;
}

/** What `encode` leaves behind for those who look inside a model. */
export interface EncoderTrace {
  /** L + 1 tensors f32[B * T, H]: the embeddings, then the output of each layer, the last with the final norm. */
  readonly hiddenStates: Tensor[];
}

const activations: Readonly<Record<Activation, (x: Tensor) => Tensor>> = {
  gelu,
  relu,
  relu2: reluSquared,
  linear: (x) => x,
};

/** Declares every parameter as an input of `graph`. */
export function declareParameters(graph: Graph, config: ModernBertConfig): ParameterTensors {
  return new Map(
    parameterSpecs(config).map(({ name, shape }) => [name, input(graph, name, 'float32', shape)]),
  );
}

/**
 * The encoder of ModernBERT (Warner et al. 2024, section 2.1): token embeddings and a norm; L blocks of pre-norm
 * rotary attention and a pre-norm gated feed-forward layer (GLU, Shazeer 2020); a final norm. The first block has no
 * attention norm, because the embeddings have just been normalised.
 *
 * `inputIds` i32[B, T]; `attentionBias` broadcasts with f32[B, A, T, T], for padding; `trace` collects what is computed on
 * the way; returns hiddenStates f32[B * T, H].
 */
export function encode(
  parameters: ParameterTensors,
  config: ModernBertConfig,
  inputIds: Tensor,
  shape: BatchShape,
  attentionBias?: Tensor,
  trace?: EncoderTrace,
): Tensor {
  const { hiddenSize: H, normEps } = config;
  const graph = inputIds.node.graph;
  const weight = parameterGetter(parameters);
  const angles = rotaryAngles(graph, config, shape.sequenceLength);
  const norm = (x: Tensor, name: string) => layerNorm(x, weight(`${name}.weight`), normEps);

  let hiddenStates = reshape(gatherRows(weight(EMBEDDINGS), inputIds), [-1, H]); // [B * T, H]
  hiddenStates = norm(hiddenStates, 'model.embeddings.norm');
  for (let layer = 0; layer < config.numHiddenLayers; layer++) {
    trace?.hiddenStates.push(hiddenStates);
    const prefix = `model.layers.${layer}`;
    const attentionInput = layer === 0 ? hiddenStates : norm(hiddenStates, `${prefix}.attn_norm`);
    hiddenStates = add(
      hiddenStates,
      selfAttention(parameters, `${prefix}.attn`, attentionInput, config, shape, angles, attentionBias),
    );
    const feedForwardInput = norm(hiddenStates, `${prefix}.mlp_norm`);
    hiddenStates = add(hiddenStates, feedForward(parameters, `${prefix}.mlp`, feedForwardInput, config));
  }
  const final = norm(hiddenStates, 'model.final_norm');
  trace?.hiddenStates.push(final);
  return final;
}

function selfAttention(
  parameters: ParameterTensors,
  prefix: string,
  x: Tensor,
  config: ModernBertConfig,
  { batchSize: B, sequenceLength: T }: BatchShape,
  [cos, sin]: readonly [Tensor, Tensor],
  attentionBias?: Tensor,
): Tensor {
  const { hiddenSize: H, numAttentionHeads: A } = config;
  const D = H / A;
  const weight = parameterGetter(parameters);
  // The weights are cut, not the activations: they are smaller, and so is what has to be copied.
  const weights = split(weight(`${prefix}.Wqkv.weight`), [H, H, H], 0);
  const bias = parameters.get(`${prefix}.Wqkv.bias`);
  const biases = bias ? split(bias, [H, H, H], 0) : [];
  const [q, k, v] = weights.map((projection, index) => {
    const projected = linear(x, projection, biases[index]); // [B * T, H]
    return transpose(reshape(projected, [B, T, A, D]), [0, 2, 1, 3]); // [B, A, T, D]
  }) as [Tensor, Tensor, Tensor];
  const { context } = attention(rotary(q, cos, sin), rotary(k, cos, sin), v, D ** -0.5, attentionBias);
  const joined = reshape(transpose(context, [0, 2, 1, 3]), [B * T, H]);
  return linear(joined, weight(`${prefix}.Wo.weight`), parameters.get(`${prefix}.Wo.bias`));
}

function feedForward(
  parameters: ParameterTensors,
  prefix: string,
  x: Tensor,
  config: ModernBertConfig,
): Tensor {
  const weight = parameterGetter(parameters);
  const F = config.intermediateSize;
  const [valueWeight, gateWeight] = split(weight(`${prefix}.Wi.weight`), [F, F], 0) as [Tensor, Tensor];
  const activated = activations[config.hiddenActivation](linear(x, valueWeight)); // [B * T, F]
  return linear(mul(activated, linear(x, gateWeight)), weight(`${prefix}.Wo.weight`));
}

/**
 * The prediction head at M positions only: `positions` i32[M] index the B * T rows of `hiddenStates`. The decoder is
 * the embedding matrix (tied) plus a bias plus `validity` f32[V], 0 for valid ids and minus infinity for special ones,
 * so that no distribution ever gives a special id any mass. Returns logits f32[M, V].
 */
export function predictionLogits(
  parameters: ParameterTensors,
  config: ModernBertConfig,
  hiddenStates: Tensor,
  positions: Tensor,
  validity?: Tensor,
): Tensor {
  const weight = parameterGetter(parameters);
  const rows = gatherRows(hiddenStates, positions); // [M, H]
  const dense = linear(rows, weight('head.dense.weight'), parameters.get('head.dense.bias'));
  const activated = activations[config.classifierActivation](dense);
  const normalised = layerNorm(activated, weight('head.norm.weight'), config.normEps);
  const bias = weight(DECODER_BIAS);
  return linear(normalised, weight(EMBEDDINGS), validity ? add(bias, validity) : bias);
}

/** 0 for valid ids and minus infinity for special ones, f32[V]. */
export function validityMask(graph: Graph, vocabSize: number, specialIds: readonly number[]): Tensor {
  const mask = new Float32Array(vocabSize);
  for (const id of specialIds) mask[id] = -Infinity;
  return constant(graph, mask, [vocabSize]);
}

/** cos and sin of position times frequency (Su et al. 2021, eq. 15), f32[T, D/2] each. */
function rotaryAngles(graph: Graph, config: ModernBertConfig, length: number): readonly [Tensor, Tensor] {
  const frequencies = rotaryFrequencies(config);
  const angles = Array.from({ length }, (_, position) =>
    frequencies.map((frequency) => position * frequency),
  ).flat();
  const shape = [length, frequencies.length];
  return [
    constant(graph, Float32Array.from(angles, Math.cos), shape),
    constant(graph, Float32Array.from(angles, Math.sin), shape),
  ];
}

/** theta^(-2 i / D) for i = 0 .. D/2 - 1, in float32 as PyTorch computes them. */
export function rotaryFrequencies(config: ModernBertConfig): number[] {
  const D = config.hiddenSize / config.numAttentionHeads;
  return Array.from({ length: D / 2 }, (_, index) => Math.fround(config.ropeTheta ** ((-2 * index) / D)));
}

function parameterGetter(parameters: ParameterTensors): (name: string) => Tensor {
  return (name) => {
    const tensor = parameters.get(name);
    if (!tensor) throw new ConfigError(`parameter '${name}' was not declared`);
    return tensor;
  };
}
