/** Making fill-in-the-blank exercises: which positions, and what the model sees there. Pure functions over ids. */
export {
  type MaskedSequence,
  type MaskingAddress,
  type MaskingVocabulary,
  maskSequence,
} from './mask-sequence.js';
export { bertPolicy, checkPolicy, type MaskingPolicy } from './policy.js';
export { type MaskingStrategy, maskedCount, maskedCountBound } from './strategy.js';
export { uniformMasking } from './uniform.js';
