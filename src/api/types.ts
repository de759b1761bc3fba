import type { CorpusOptions } from '../data/index.js';
import type { WholeWordScores } from '../infer/index.js';
import type { StrategyName } from '../masking/index.js';
import type { OptimizerName, PlanChange, Ramp } from '../train/index.js';
import type { Interval } from './interval.js';
import type { PresetName } from './presets.js';

/** Options of `train`; what is left out is planned for the time budget, or takes the recipe's value. */
export interface TrainOptions {
  /** Files, directories or globs of text, or a directory that `lacuna data prepare` wrote. */
  readonly paths: readonly string[];
  /** How the files are read, and which of their texts are taken. */
  readonly corpus?: CorpusOptions;
  /** Where corpora of more than 64 MiB are kept prepared; the user's cache directory unless told. */
  readonly cacheDir?: string;
  /** The model directory to write. */
  readonly out: string;
  /** Replace a model directory that is already there. */
  readonly overwrite?: boolean;
  /** Training time; give this, or `steps`, or `plan`. */
  readonly budgetMs?: number;
  readonly steps?: number;
  /** The course of an earlier run, from its lacuna.json: repeats it bit for bit. */
  readonly plan?: readonly PlanChange[];
  /** Named sizes instead of a plan for the time; other options override them. */
  readonly preset?: PresetName;
  /** `model_type` of the family to train; ModernBERT unless told. */
  readonly family?: string;
  readonly seed?: number;
  readonly vocabSize?: number;
  /** A model directory to go on from: its sizes and tokenizer, its weights to start with; the optimizer is fresh. */
  readonly from?: string;
  /** With `from`: most new tokens for frequent words of the corpus. */
  readonly extendVocab?: number;
  /** Fraction of tokens to mask, in (0, 1]: a number; '0.30:0.15', over the run; '0.1..0.5', each sequence its own. */
  readonly maskRate?: number | string;
  /** How positions are chosen; uniform unless told. */
  readonly masking?: StrategyName | (string & {});
  /** Options of the strategy and of masking at large, by name; see `docs/masking.md`. */
  readonly maskingOptions?: Readonly<Record<string, unknown>>;
  readonly sequenceLength?: number;
  readonly layers?: number;
  readonly hidden?: number;
  readonly heads?: number;
  readonly feedForward?: number;
  /** Sequences of an optimizer step. */
  readonly batchSize?: number;
  /** Sequences computed at once, a divisor of `batchSize`. */
  readonly microBatchSize?: number;
  /** Layers are computed anew for the backward pass: less memory, more time, the same numbers. */
  readonly recompute?: boolean;
  /** Fewer sequences a step at first: from `from`, doubling, to `batchSize` at step `steps`. */
  readonly batchRamp?: Ramp;
  /** Shorter sequences at first, in the same way, with more of them a step. */
  readonly lengthRamp?: Ramp;
  readonly learningRate?: number;
  readonly optimizer?: OptimizerName;
  readonly threads?: number;
  /** Go on with the run of `out` from its newest intact checkpoint; what is left out is as it was. */
  readonly resume?: boolean;
  /** Five minutes unless told. */
  readonly checkpointEvery?: Interval;
  /** Newest checkpoints to keep, beside the best: 2 unless told. Given, they are also kept when the run is finished. */
  readonly keepCheckpoints?: number;
  /** Steps between measurements of the held-out loss; the model saved is then the best one. */
  readonly evalEvery?: number;
  /** Measurements without a better held-out loss that end the run. */
  readonly patience?: number;
  /** Abort = finish the step, save, and return with `interrupted: true`. */
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: TrainEvent) => void;
}

export type { OptimizerName };

/** The stages of a training run, in order. */
export type TrainStage =
  | 'read'
  | 'plan'
  | 'tokenizer'
  | 'encode'
  | 'baselines'
  | 'initialise'
  | 'train'
  | 'resume'
  | 'checkpoint'
  | 'notice'
  | 'evaluate'
  | 'save';

/** A stage that begins, with a line about it. */
export interface StageEvent {
  readonly type: 'stage';
  readonly stage: TrainStage;
  readonly detail: string;
}

/** The state of the training loop; `lossNats` and `maskedAccuracy` are smoothed over recent steps. */
export interface ProgressEvent {
  readonly type: 'progress';
  readonly step: number;
  readonly totalSteps: number;
  readonly lossNats: number;
  readonly maskedAccuracy: number;
  readonly tokensPerSecond: number;
  /** Floating-point operations of training beside those of the machine's matrix product; absent in short runs. */
  readonly shareOfPeak?: number;
  readonly learningRate: number;
  /** Global norm of the gradient before clipping. */
  readonly gradientNorm: number;
  readonly elapsedMs: number;
  readonly remainingMs: number;
  /** Resident memory of the process. */
  readonly memoryBytes: number;
  /** Steps of this process that changed nothing, because their loss or gradient was not finite; absent without any. */
  readonly skippedSteps?: number;
  /** Absent before the first checkpoint of this process. */
  readonly lastCheckpointStep?: number;
}

export type TrainEvent = StageEvent | ProgressEvent;

/** What a run trained with, after defaults. */
export interface TrainedConfig {
  readonly layers: number;
  readonly hidden: number;
  readonly heads: number;
  readonly feedForward: number;
  readonly vocabSize: number;
  readonly sequenceLength: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly maskRate: number;
}

export interface TrainResult {
  readonly modelDir: string;
  readonly interrupted: boolean;
  readonly seed: number;
  readonly steps: number;
  /** Tokens seen in training, repeats counted. */
  readonly tokens: number;
  readonly parameters: number;
  readonly trainMs: number;
  readonly totalMs: number;
  readonly tokensPerSecond: number;
  readonly config: TrainedConfig;
  readonly heldOut: EvaluationResult;
}

/** A baseline's figures on the very same masked positions as the model's. */
export interface BaselineResult {
  readonly lossNats: number;
  readonly accuracy: number;
}

export interface BaselineResults {
  readonly unigram: BaselineResult;
  /** Smoothed two-sided n-grams that see the same corrupted input. */
  readonly cloze: BaselineResult;
}

/** Figures per masked token; `bitsPerByte` is over the bytes of the masked text. */
export interface EvaluationResult {
  readonly lossNats: number;
  readonly perplexity: number;
  readonly accuracy: number;
  readonly top5Accuracy: number;
  readonly bitsPerByte: number;
  readonly maskedTokens: number;
  /** Absent when the model directory stores no baselines (one that Lacuna did not train). */
  readonly baselines?: BaselineResults;
}

/** What `evaluate` found. */
export interface Evaluation extends EvaluationResult {
  /** Present when it was asked for. */
  readonly wholeWords?: WholeWordScores;
}

export interface EvaluateOptions {
  readonly paths: readonly string[];
  /** How the files are read, and which of their texts are taken. */
  readonly corpus?: CorpusOptions;
  readonly model: string;
  readonly seed?: number;
  readonly maskRate?: number;
  /** Share of the words, in (0, 1], that are scored as wholes, too; none unless told. */
  readonly wholeWords?: number;
  readonly onEvent?: (event: TrainEvent) => void;
}
