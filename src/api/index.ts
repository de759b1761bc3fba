/** Whole tasks, from files to files: what the command line and a program call. */

export * from '../ask/index.js';
export { PLANTED_BUGS, STRATEGY_NAMES } from '../masking/index.js';
export { byteOffsetsOf } from '../tokenize/index.js';
export { type AuditMaskingOptions, auditMasking, type MaskingAudit } from './audit-masking.js';
export { type BenchMachine, type BenchOptions, type BenchResult, bench, benchMachine } from './bench.js';
export { type ClassifiedText, classify, type TaggedWord, tag } from './classify.js';
export {
  type CompareMaskingOptions,
  compareMasking,
  type MaskingComparison,
  type MaskingSummary,
} from './compare-masking.js';
export { comparisonSvg } from './comparison-svg.js';
export { type CachedCorpus, type CleanedCache, cleanCache } from './corpus-cache.js';
export type { CorpusProgress } from './corpus-texts.js';
export { evaluate } from './evaluate.js';
export { type ExportModelOptions, type ExportModelResult, exportModel } from './export.js';
export { type GrowthOptions, type GrowthPoint, type GrowthProfile, growth, growthChart } from './growth.js';
export { GROWTH_AXES, type GrowthAxis } from './growth-sizes.js';
export { type ImportModelOptions, type ImportModelResult, importModel } from './import-model.js';
export type { Interval } from './interval.js';
export { type PrepareDataOptions, type PrepareDataResult, prepareData } from './prepare-data.js';
export { PRESET_NAMES, type PresetName } from './presets.js';
export {
  type InspectTokenizerOptions,
  inspectTokenizer,
  openTokenizer,
  type TokenizerModel,
  type TokenizerProgress,
  type TrainTokenizerOptions,
  type TrainTokenizerResult,
  trainTokenizer,
} from './tokenizer.js';
export type { TokenizerReport } from './tokenizer-report.js';
export { train } from './train.js';
export { tune } from './tune.js';
export type * from './tune-types.js';
export type * from './types.js';
