/** Making fill-in-the-blank exercises: which positions, and what the model sees there. Pure functions over ids. */

export { type AuditedSequence, type Declaration, IGNORED_LABEL } from './audit/declaration.js';
export { parseAuditedLine } from './audit/foreign.js';
export { type Collator, independentCollator, PLANTED_BUGS } from './audit/planted-bugs.js';
export { type AuditCheck, type AuditReport, divergence, judge, SIGNIFICANCE } from './audit/report.js';
export { AuditTally, type Impossible, type Incident } from './audit/tally.js';
export { curriculumMasking } from './curriculum.js';
export { easyFirstMasking } from './easy-first.js';
export { entropyMasking } from './entropy.js';
export { frequencyBalancedMasking } from './frequency-balanced.js';
export {
  type MaskedSequence,
  type MaskingAddress,
  type MaskingVocabulary,
  type MaskSequenceOptions,
  maskablePositions,
  maskSequence,
} from './mask-sequence.js';
export { Masker, type MaskingGround, type MaskingState, type StepAddress } from './masker.js';
export {
  changesOverTime,
  describeMasking,
  type MaskingConfig,
  type MaskingRequest,
  needsWords,
  policyAt,
  readMaskingConfig,
} from './masking-config.js';
export { pmiMasking } from './pmi-spans.js';
export { collectPmiVocabulary, type PmiOptions, type PmiVocabulary } from './pmi-vocabulary.js';
export { bertPolicy, checkPolicy, type MaskingPolicy } from './policy.js';
export { checkRate, formatRate, largestRate, parseRate, type RateConfig, rateAt } from './rate.js';
export { geometricLength, type SpanOptions, spanMasking } from './span.js';
export {
  type MaskableSequence,
  type MaskingStrategy,
  maskedCount,
  maskedCountBound,
} from './strategy.js';
export {
  type PlainStrategyConfig,
  STRATEGY_NAMES,
  type StrategyConfig,
  type StrategyName,
} from './strategy-config.js';
export { surprisalMasking } from './surprisal.js';
export {
  type EstimateState,
  emptyEstimate,
  estimateOf,
  observe,
  type TokenEstimate,
  type TokenObservations,
} from './token-estimate.js';
export { uniformMasking } from './uniform.js';
export { wholeWordMasking } from './whole-word.js';
