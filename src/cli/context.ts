import type {
  AuditMaskingOptions,
  BenchMachine,
  BenchOptions,
  BenchResult,
  CompareMaskingOptions,
  EvaluateOptions,
  EvaluationResult,
  FillOptions,
  FillResult,
  MaskingAudit,
  MaskingComparison,
  PresetName,
  TokenizerReport,
  TrainOptions,
  TrainResult,
  TrainTokenizerOptions,
  TrainTokenizerResult,
} from '../api/index.js';
import type { Tokenizer } from '../tokenize/index.js';
import type { Terminal } from './terminal.js';

/** The library as the commands use it. */
export interface Api {
  train(options: TrainOptions): Promise<TrainResult>;
  evaluate(options: EvaluateOptions): Promise<EvaluationResult>;
  fill(options: FillOptions): Promise<FillResult>;
  compareMasking(options: CompareMaskingOptions): Promise<MaskingComparison>;
  auditMasking(options: AuditMaskingOptions): Promise<MaskingAudit>;
  readonly STRATEGY_NAMES: readonly string[];
  readonly PLANTED_BUGS: Readonly<Record<string, unknown>>;
  comparisonSvg(comparison: MaskingComparison): string;
  readonly PRESET_NAMES: readonly PresetName[];
  bench(options: BenchOptions): Promise<BenchResult>;
  benchMachine(threads?: number): BenchMachine;
  trainTokenizer(options: TrainTokenizerOptions): Promise<TrainTokenizerResult>;
  openTokenizer(path: string): Promise<Tokenizer>;
  inspectTokenizer(
    path: string,
    textPaths: readonly string[],
    extensions?: readonly string[],
  ): Promise<TokenizerReport>;
}

/** What a command needs from around it. */
export interface Context {
  readonly terminal: Terminal;
  /** Loads the library late, so that help and usage errors do not wait for ONNX Runtime. */
  readonly loadApi: () => Promise<Api>;
  /** Ends the command with this status when it has done its work; 0 unless set. */
  exitStatus: number;
}
