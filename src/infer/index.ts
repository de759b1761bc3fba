/** Asking a model: distributions at masked positions, fills, scores. */
export { type MaskedScores, scoreMasked } from './evaluate.js';
export { type FillCandidate, type FillOptions, fillText } from './fill.js';
export type { PredictionShape, PredictorModel, Question } from './model-graph.js';
export { Predictor } from './predictor.js';
export type { PredictionInput, Row, RowAnswer } from './rows.js';
export { topK } from './top-k.js';
