import { rotaryFrequencies } from './blocks/rotary-angles.js';
import type { ParameterValues } from './parameters.js';

/** Rotary frequencies that take part in neighbour attention, the highest ones. */
const NEIGHBOUR_FREQUENCIES = 8;

/** Attention logit between a token and the neighbour its head looks at, over the sum of cosines. */
const NEIGHBOUR_SHARPNESS = 4;

/**
 * Neighbour attention: query and key biases under which head h of the first block attends to the token at a fixed
 * offset before it has learned anything. Rotary embedding turns a bias pair (q, k) into a function of relative position
 * alone, sum over frequencies of |q||k| cos(f (t - s) + phase); with phase f * offset it peaks at s = t + offset.
 * A model without attention biases is left as it is. Changes `values` in place.
 */
export function setNeighbourAttention(
  values: ParameterValues,
  config: { readonly hiddenSize: number; readonly numAttentionHeads: number; readonly ropeTheta: number },
  offsets: readonly number[],
): void {
  const bias = values.get('model.layers.0.attn.Wqkv.bias')?.data;
  if (!bias) return;
  const { hiddenSize: H, numAttentionHeads: A } = config;
  const D = H / A;
  const frequencies = rotaryFrequencies(D, config.ropeTheta);
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
