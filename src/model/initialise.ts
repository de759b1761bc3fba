import { RandomPurpose, RandomStream, sizeOf } from '../core/index.js';
import type { ModernBertConfig } from './config.js';
import { initialiseFromCounts, type TrainingCounts } from './count-initialisation.js';
import { rotaryFrequencies } from './modernbert.js';
import { DECODER_BIAS, type ParameterSpec, type ParameterValues, parameterSpecs } from './parameters.js';

/** Standard deviations beyond which the truncated normal is drawn again (transformers' ModernBERT). */
const CUTOFF = 2;

/** Rotary frequencies that take part in neighbour attention, the highest ones. */
const NEIGHBOUR_FREQUENCIES = 8;

/** Attention logit between a token and the neighbour its head looks at, over the sum of cosines. */
const NEIGHBOUR_SHARPNESS = 4;

export interface InitialisationOptions {
  readonly seed: number;
  /** Training counts of every id, i32[V] or longer numbers: the decoder bias starts at their log frequencies. */
  readonly unigramCounts?: ArrayLike<number>;
  /** Relative positions that the heads of the first block look at, by their biases alone; [] leaves them content-only. */
  readonly neighbourOffsets?: readonly number[];
  /** Counts of the training split from which embeddings and neighbour heads start; see `initialiseFromCounts`. */
  readonly counts?: TrainingCounts;
}

/** Fresh parameter values by name: truncated normals, gains of one, biases of zero, and what the options add. */
export function initialParameters(config: ModernBertConfig, options: InitialisationOptions): ParameterValues {
  const values = new Map(
    parameterSpecs(config).map((spec, index) => [
      spec.name,
      {
        shape: spec.shape,
        data: draw(spec, config, new RandomStream(options.seed, RandomPurpose.initialisation, index)),
      },
    ]),
  );
  const bias = (name: string) => values.get(name)?.data;
  const decoder = bias(DECODER_BIAS);
  if (decoder && options.unigramCounts) setLogFrequencies(decoder, options.unigramCounts);
  const attention = bias('model.layers.0.attn.Wqkv.bias');
  if (attention) setNeighbourAttention(attention, config, options.neighbourOffsets ?? []);
  if (options.counts) initialiseFromCounts(values, config, options.seed, options.counts);
  return values;
}

function draw(spec: ParameterSpec, config: ModernBertConfig, random: RandomStream): Float32Array {
  const data = new Float32Array(sizeOf(spec.shape));
  if (spec.kind === 'gain') return data.fill(1);
  if (spec.kind === 'bias') return data;
  const std = standardDeviation(spec.name, config);
  return data.map(() => std * truncatedNormal(random));
}

/** As in transformers' ModernBERT: output projections are divided by sqrt(2 L). */
function standardDeviation(name: string, config: ModernBertConfig): number {
  const isOutput = name.endsWith('.Wo.weight') || name === 'head.dense.weight';
  return isOutput ? config.initializerRange / Math.sqrt(2 * config.numHiddenLayers) : config.initializerRange;
}

function truncatedNormal(random: RandomStream): number {
  let value = random.nextNormal();
  while (Math.abs(value) > CUTOFF) value = random.nextNormal();
  return value;
}

/** log of the add-one-smoothed relative frequency: the model starts as the unigram model instead of learning it. */
function setLogFrequencies(bias: Float32Array, counts: ArrayLike<number>): void {
  let total = 0;
  for (let id = 0; id < bias.length; id++) total += (counts[id] ?? 0) + 1;
  for (let id = 0; id < bias.length; id++) bias[id] = Math.log(((counts[id] ?? 0) + 1) / total);
}

/**
 * Neighbour attention: query and key biases under which head h of the first block attends to the token at a fixed
 * offset before it has learned anything. Rotary embedding turns a bias pair (q, k) into a function of relative position
 * alone, sum over frequencies of |q||k| cos(f (t - s) + phase); with phase f * offset it peaks at s = t + offset.
 */
function setNeighbourAttention(
  bias: Float32Array,
  config: ModernBertConfig,
  offsets: readonly number[],
): void {
  const { hiddenSize: H, numAttentionHeads: A } = config;
  const D = H / A;
  const frequencies = rotaryFrequencies(config);
  const amplitude = Math.sqrt(NEIGHBOUR_SHARPNESS * Math.sqrt(D));
  for (const [head, offset] of offsets.slice(0, A).entries()) {
    for (let pair = 0; pair < Math.min(NEIGHBOUR_FREQUENCIES, D / 2); pair++) {
      const angle = (frequencies[pair] ?? 0) * offset;
      const first = head * D + pair;
      bias[first] = amplitude * Math.cos(angle);
      bias[first + D / 2] = amplitude * Math.sin(angle);
      bias[H + first] = amplitude;
    }
  }
}
