import type { NewModel } from '../define-family.js';

/** A model of any family that computes in a moment; its weights are large enough that outputs are far from even. */
export const tinySizes: NewModel = {
  vocabSize: 12,
  hiddenSize: 8,
  numHiddenLayers: 1,
  numAttentionHeads: 2,
  intermediateSize: 6,
  maxTokens: 16,
  initializerRange: 0.5,
  padTokenId: 0,
  clsTokenId: 2,
  sepTokenId: 3,
  maskTokenId: 4,
};
