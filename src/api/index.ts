/** Whole tasks, from files to files: what the command line and a program call. */

export { PLANTED_BUGS, STRATEGY_NAMES } from '../masking/index.js';
export { type AuditMaskingOptions, auditMasking, type MaskingAudit } from './audit-masking.js';
export { type BenchMachine, type BenchOptions, type BenchResult, bench, benchMachine } from './bench.js';
export {
  type CompareMaskingOptions,
  compareMasking,
  type MaskingComparison,
  type MaskingSummary,
} from './compare-masking.js';
export { comparisonSvg } from './comparison-svg.js';
export { evaluate } from './evaluate.js';
export { fill } from './fill.js';
export { PRESET_NAMES, type PresetName } from './presets.js';
export {
  inspectTokenizer,
  openTokenizer,
  type TokenizerModel,
  type TrainTokenizerOptions,
  type TrainTokenizerResult,
  trainTokenizer,
} from './tokenizer.js';
export type { TokenizerReport } from './tokenizer-report.js';
export { train } from './train.js';
export type * from './types.js';
