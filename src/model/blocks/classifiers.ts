import type { Tensor } from '../../graph/index.js';
import type { Head } from '../define-family.js';
import type { EncoderInputs } from '../language-model.js';
import { denseSpecs } from '../parameters.js';
import { dense } from '../weights.js';
import { firstTokens } from './pooling.js';

/** Classification of a sequence by its first token through two dense layers, as in RoBERTa, ELECTRA and ESM. */
export function firstTokenClassifier(
  activation: (x: Tensor) => Tensor,
): Head<{ readonly hiddenSize: number }, EncoderInputs> {
  return {
    parameters: ({ hiddenSize: H }, classes) => [
      ...denseSpecs('classifier.dense', [H, H]),
      ...denseSpecs('classifier.out_proj', [classes, H]),
    ],
    logits: (weights, _, hiddenStates, inputs) => {
      const first = dense(firstTokens(hiddenStates, inputs), weights.at('classifier.dense'));
      return dense(activation(first), weights.at('classifier.out_proj'));
    },
  };
}

/** Classification of each token by one dense layer. */
export const tokenClassifier: Head<{ readonly hiddenSize: number }, undefined> = {
  parameters: ({ hiddenSize: H }, classes) => denseSpecs('classifier', [classes, H]),
  logits: (weights, _, hiddenStates) => dense(hiddenStates, weights.at('classifier')),
};
