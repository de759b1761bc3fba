import type { Tensor } from '../graph/index.js';
import type { LanguageModel, ParameterTensors, Predicted } from './language-model.js';
import { validityMask } from './parameters.js';

/**
 * Logits f32[M, V] whose softmax is an output distribution: minus infinity at special ids, padding among them, so that no
 * distribution gives them any mass. Training, probes and questions all take their logits from here and from nowhere else;
 * `test/valid-tokens.test.ts` shows what happens otherwise.
 * @param hiddenStates f32[M, H], the last of `encode` at the positions of the question
 */
export function outputLogits(
  model: LanguageModel,
  parameters: ParameterTensors,
  hiddenStates: Tensor,
  question: Omit<Predicted, 'validity'> & { readonly specialIds: readonly number[] },
): Tensor {
  const { specialIds, ...rest } = question;
  const validity = validityMask(hiddenStates.node.graph, model.config.vocabSize, specialIds);
  return model.predictionLogits(parameters, hiddenStates, { ...rest, validity });
}
