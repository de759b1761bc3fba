/** Asking a model: distributions at masked positions, fills, scores. */
export { type MaskedScores, scoreMasked } from './evaluate.js';
export { type FillCandidate, type FillOptions, fillText } from './fill.js';
export { areEntityTags, entityF1, entitySpans, type LabelScores, scoreLabels } from './label-metrics.js';
export { LabelPredictor } from './label-predictor.js';
export { likeliest, textSequence, type WordSequence, wordSequences } from './label-sequences.js';
export { type PredictionInput, type PredictionShape, Predictor, type PredictorModel } from './predictor.js';
export { topK } from './top-k.js';
