import { gelu } from '../../graph/index.js';
import type { Head } from '../define-family.js';
import type { Predicted } from '../language-model.js';
import { denseSpecs, normSpecs } from '../parameters.js';
import { dense, norm } from '../weights.js';
import { type DecoderNames, decode, decoderSpecs } from './decoder.js';

/** What RoBERTa's heads need to know of a configuration. */
interface HeadConfig {
  readonly vocabSize: number;
  readonly hiddenSize: number;
  readonly layerNormEps: number;
  readonly tieWordEmbeddings: boolean;
}

/** The decoder of RoBERTa and ESM. */
export function robertaDecoder(embeddings: string): DecoderNames {
  return { embeddings, weight: 'lm_head.decoder.weight', bias: 'lm_head.bias' };
}

/** The prediction head of RoBERTa and ESM: dense, GELU whatever the encoder has, norm, decoder; by other names untied. */
export function robertaPrediction(
  tied: DecoderNames,
  untied: DecoderNames = tied,
): Head<HeadConfig, Predicted> {
  const decoderOf = (tieWordEmbeddings: boolean) => (tieWordEmbeddings ? tied : untied);
  return {
    parameters: ({ vocabSize: V, hiddenSize: H, tieWordEmbeddings }) => [
      ...denseSpecs('lm_head.dense', [H, H]),
      ...normSpecs('lm_head.layer_norm', H),
      ...decoderSpecs(decoderOf(tieWordEmbeddings), [V, H], { tied: tieWordEmbeddings }),
    ],
    logits: (weights, config, rows, { validity }) => {
      const head = weights.at('lm_head');
      const activated = gelu(dense(rows, head.at('dense')));
      const normalised = norm(activated, head.at('layer_norm'), config.layerNormEps);
      return decode(weights, decoderOf(config.tieWordEmbeddings), normalised, validity);
    },
  };
}
