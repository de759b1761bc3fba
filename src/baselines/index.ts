/** Count-based rivals: what a model is measured against, on the very same masked positions. */

export { type ClassExample, trainBagOfWords } from './bag-of-words.js';
export { ClozeBaseline, type ClozeExponents, type GapContext, updateOnInput } from './cloze.js';
export { decodeNgramCounts, encodeNgramCounts } from './codec.js';
export { countedTokens, countNgrams, countNgramsInTurns, type NgramCounts } from './counts.js';
export { CountedEvidence, type GapQuestion } from './evidence/index.js';
export { majorityLabel, mostFrequentTag } from './label-baselines.js';
export {
  LogisticRegression,
  type SparseExample,
  trainLogisticRegression,
} from './logistic-regression.js';
export {
  type BaselineComparison,
  type BaselineQuestion,
  type BaselineScores,
  scoreBaselines,
} from './score.js';
