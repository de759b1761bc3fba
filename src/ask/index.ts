/**
 * Questions to a model directory: what `lacuna fill`, `score`, `embed`, `similar` and `explain` call. Apart from `api`, so
 * that a question does not wait for what training needs.
 */
export type {
  Explanation,
  FillCandidate,
  JointAnswer,
  JointFilling,
  JointLength,
  JointMethod,
  LengthCorrection,
  PairScore,
  PairSummary,
  ScoreMethod,
  TargetCandidate,
  TargetOrder,
  TextScore,
  TokenScore,
  WordScore,
} from '../infer/index.js';
export { JOINT_METHODS, LENGTH_CORRECTIONS, SCORE_METHODS, TARGET_ORDERS } from '../infer/index.js';
export type { AskApi } from './ask-api.js';
export {
  EMBED_UNITS,
  type Embedding,
  type EmbedManyOptions,
  type EmbedSettings,
  type EmbedTextsOptions,
  type EmbedUnit,
  embed,
  embedMany,
} from './embed.js';
export { type ExplainTextOptions, explain } from './explain.js';
export { explanationHtml, explanationSvg } from './explain-picture.js';
export {
  type FillJointOptions,
  type FillManyOptions,
  type FillOptions,
  type FillResult,
  type FillTargetsOptions,
  fill,
  fillJoint,
  fillMany,
  fillTargets,
  type ModelOptions,
} from './fill.js';
export type { ManyOptions, ManyProgress, ManyResult } from './many.js';
export { type ModelSession, withModel } from './model-session.js';
export { RECORD_FORMATS, type RecordFormat } from './records.js';
export type { OutputTarget } from './resumable-output.js';
export {
  type ScoreManyOptions,
  type ScoreManyResult,
  type ScorePairsOptions,
  type ScoreSettings,
  type ScoreTextsOptions,
  score,
  scoreMany,
  scorePairs,
} from './score.js';
export { type Neighbour, type SimilarOptions, similar } from './similar.js';
