import type {
  AuditMaskingOptions,
  BenchMachine,
  BenchOptions,
  BenchResult,
  ClassifiedText,
  CleanedCache,
  CompareMaskingOptions,
  EvaluateOptions,
  Evaluation,
  ExportModelOptions,
  ExportModelResult,
  GrowthOptions,
  GrowthProfile,
  ImportModelOptions,
  ImportModelResult,
  InspectTokenizerOptions,
  MaskingAudit,
  MaskingComparison,
  PrepareDataOptions,
  PrepareDataResult,
  PresetName,
  TaggedWord,
  TokenizerReport,
  TrainOptions,
  TrainResult,
  TrainTokenizerOptions,
  TrainTokenizerResult,
  TuneOptions,
  TuneResult,
} from '../api/index.js';
import type { AskApi } from '../ask/index.js';
import type { TokenColumns, Tokenizer } from '../tokenize/index.js';
import type { Terminal } from './terminal.js';

/** The library as the commands use it. */
export interface Api {
  train(options: TrainOptions): Promise<TrainResult>;
  evaluate(options: EvaluateOptions): Promise<Evaluation>;
  tune(options: TuneOptions): Promise<TuneResult>;
  classify(options: { model: string; texts: readonly string[] }): Promise<ClassifiedText[][]>;
  tag(options: { model: string; texts: readonly string[] }): Promise<TaggedWord[][]>;
  exportModel(options: ExportModelOptions): Promise<ExportModelResult>;
  compareMasking(options: CompareMaskingOptions): Promise<MaskingComparison>;
  auditMasking(options: AuditMaskingOptions): Promise<MaskingAudit>;
  readonly STRATEGY_NAMES: readonly string[];
  readonly PLANTED_BUGS: Readonly<Record<string, unknown>>;
  comparisonSvg(comparison: MaskingComparison): string;
  importModel(options: ImportModelOptions): Promise<ImportModelResult>;
  readonly PRESET_NAMES: readonly PresetName[];
  bench(options: BenchOptions): Promise<BenchResult>;
  growth(options: GrowthOptions): Promise<GrowthProfile>;
  growthChart(profile: GrowthProfile): string;
  benchMachine(threads?: number): BenchMachine;
  prepareData(options: PrepareDataOptions): Promise<PrepareDataResult>;
  cleanCache(options: { cacheDir?: string; dryRun?: boolean }): Promise<CleanedCache>;
  trainTokenizer(options: TrainTokenizerOptions): Promise<TrainTokenizerResult>;
  openTokenizer(path: string): Promise<Tokenizer>;
  inspectTokenizer(
    path: string,
    textPaths: readonly string[],
    options?: InspectTokenizerOptions,
  ): Promise<TokenizerReport>;
  byteOffsetsOf(
    columns: Pick<TokenColumns, 'offsets' | 'sequenceIds'>,
    texts: readonly string[],
  ): [number, number][];
}

/** What a command needs from around it. */
export interface Context {
  readonly terminal: Terminal;
  /** Loads the library late, so that help and usage errors do not wait for ONNX Runtime. */
  readonly loadApi: () => Promise<Api>;
  /** Loads the part of the library that asks a model, which is lighter. */
  readonly loadAsk: () => Promise<AskApi>;
  /** Ends the command with this status when it has done its work; 0 unless set. */
  exitStatus: number;
}
