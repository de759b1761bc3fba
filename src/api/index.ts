/** Whole tasks, from files to files: what the command line and a program call. */

export { type BenchMachine, type BenchOptions, type BenchResult, bench, benchMachine } from './bench.js';
export { type ClassifiedText, classify, type TaggedWord, tag } from './classify.js';
export { evaluate } from './evaluate.js';
export { type ExportModelOptions, type ExportModelResult, exportModel } from './export.js';
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
export { tune } from './tune.js';
export type * from './tune-types.js';
export type * from './types.js';
