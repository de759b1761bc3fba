/** Asking a model: distributions at masked positions, fills, scores, embeddings, explanations. */

export {
  cosine,
  type EmbedOptions,
  embedTokens,
  normalised,
  POOLINGS,
  type Pooling,
  pool,
  type TokenVectors,
  tokensOf,
} from './embed.js';
export { type MaskedScores, scoreMasked } from './evaluate.js';
export { type ExplainOptions, type Explanation, explainMask } from './explain.js';
export { type FillCandidate, type FillOptions, fillText, fillTexts } from './fill.js';
export { totalVariation } from './joint/enumerated.js';
export {
  fillJointly,
  type JointAnswer,
  type JointFilling,
  type JointFillOptions,
  type JointLength,
  LENGTH_CORRECTIONS,
  type LengthCorrection,
  problemOf,
} from './joint/fill.js';
export {
  JOINT_MEANINGS,
  JOINT_METHODS,
  type JointMethod,
  type JointOptions,
  jointFillings,
} from './joint/methods.js';
export { Conditionals, type Filling, type JointProblem } from './joint/problem.js';
export { States } from './joint/states.js';
export { areEntityTags, entityF1, entitySpans, type LabelScores, scoreLabels } from './label-metrics.js';
export { LabelPredictor } from './label-predictor.js';
export { likeliest, textSequence, type WordSequence, wordSequences } from './label-sequences.js';
export type { PredictionShape, PredictorModel, Question } from './model-graph.js';
export { comparePair, type PairScore, type PairSummary, summarisePairs } from './pairs.js';
export { Predictor } from './predictor.js';
export { blankToken, maskToken, type Prompt, readJointPrompt, readPrompts } from './prompt.js';
export type { PredictionInput, Row, RowAnswer } from './rows.js';
export { scoreTexts, type TextScore, type TokenScore, type WordScore } from './score.js';
export { SCORE_METHODS, type ScoreMethod, type ScoreOptions } from './score-rows.js';
export {
  fillTargets,
  TARGET_ORDERS,
  type TargetCandidate,
  type TargetOptions,
  type TargetOrder,
} from './targets.js';
export { topK } from './top-k.js';
export { scoreWholeWords, type WholeWordOptions, type WholeWordScores } from './whole-words.js';
