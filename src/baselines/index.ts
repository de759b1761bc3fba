/** Count-based rivals: what a model is measured against, on the very same masked positions. */
export { ClozeBaseline, type ClozeExponents, type GapContext, updateOnInput } from './cloze.js';
export { decodeNgramCounts, encodeNgramCounts } from './codec.js';
export { countNgrams, type NgramCounts } from './counts.js';
export {
  type BaselineComparison,
  type BaselineQuestion,
  type BaselineScores,
  scoreBaselines,
} from './score.js';
