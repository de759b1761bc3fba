import { RandomPurpose, RandomStream, sizeOf } from '../core/index.js';
import type { InitialisationOptions, LanguageModel } from './language-model.js';
import type { ParameterSpec, ParameterValues } from './parameters.js';

/** Standard deviations beyond which the truncated normal is drawn again (BERT's release, transformers' ModernBERT). */
const CUTOFF = 2;

/** Fresh parameter values by name: truncated normals, gains of one, biases and tables of zero, and what the options add. */
export function initialParameters(model: LanguageModel, options: InitialisationOptions): ParameterValues {
  const { initializerRange } = model.config;
  const values = new Map(
    model.parameters.map((spec, index) => {
      const random = new RandomStream(options.seed, RandomPurpose.initialisation, index);
      return [spec.name, { shape: spec.shape, data: draw(spec, initializerRange, random) }];
    }),
  );
  const decoder = model.decoderBias === undefined ? undefined : values.get(model.decoderBias)?.data;
  if (decoder && options.unigramCounts) setLogFrequencies(decoder, options.unigramCounts);
  model.initialise(values, options);
  return values;
}

function draw(spec: ParameterSpec, initializerRange: number, random: RandomStream): Float32Array {
  const data = new Float32Array(sizeOf(spec.shape));
  if (spec.kind === 'gain') return data.fill(1);
  if (spec.kind === 'bias' || spec.kind === 'table') return data;
  const std = initializerRange / (spec.initialDivisor ?? 1);
  return data.map(() => std * truncatedNormal(random));
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
