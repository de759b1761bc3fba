import type { LabelScores } from '../infer/index.js';
import type { EpochReport } from '../train/index.js';

/** What a model is tuned to do: one label for a text, or one for each word. */
export type TuneTask = 'classify' | 'tag';

/** Options of `tune`; everything left out takes a value that suits small models. */
export interface TuneOptions {
  readonly task: TuneTask;
  /** A file of labelled examples; see `readLabelledTexts` and `readTaggedSentences`. */
  readonly data: string;
  /** The model directory to start from. */
  readonly from: string;
  /** The model directory to write. */
  readonly out: string;
  readonly overwrite?: boolean;
  /** Train the head only. */
  readonly freezeBody?: boolean;
  readonly epochs?: number;
  /** Epochs without a better validation score after which training ends. */
  readonly patience?: number;
  /** Time for all epochs, to whose end the learning rate falls. */
  readonly budgetMs?: number;
  readonly learningRate?: number;
  /**
   * Tokens that are read of a text or a piece of a sentence. Unless told, as many as the model to start from reads, and of
   * texts up to twice as many where its positions are rotary.
   */
  readonly sequenceLength?: number;
  /** Share of tokens hidden in training, anew in every epoch: 0.3 for texts and 0 for tags unless told. */
  readonly tokenDropout?: number;
  /** Texts only: puts a linear model of tokens and pairs of neighbours beside the network (wide and deep); see `joinWide`. */
  readonly wide?: boolean;
  readonly seed?: number;
  readonly threads?: number;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: TuneEvent) => void;
}

export type TuneEvent =
  | { readonly type: 'stage'; readonly detail: string }
  | { readonly type: 'notice'; readonly detail: string }
  | ({ readonly type: 'epoch' } & EpochReport);

/** Scores on the test part; entity F1 where tags mark entities. */
export interface TuneScores extends LabelScores {
  readonly entityF1?: number;
}

export interface TuneResult {
  readonly modelDir: string;
  readonly task: TuneTask;
  readonly labels: readonly string[];
  readonly examples: { readonly train: number; readonly validation: number; readonly test: number };
  readonly epochs: readonly EpochReport[];
  readonly bestEpoch: number;
  readonly steps: number;
  readonly trainMs: number;
  readonly totalMs: number;
  readonly seed: number;
  readonly freezeBody: boolean;
  /** On the test part, which neither training nor stopping saw. */
  readonly test: TuneScores;
  /** Where a linear model is beside the network: scores without it. */
  readonly networkAlone?: TuneScores;
  /** The same of methods without a network, by name. */
  readonly baselines: Readonly<Record<string, TuneScores>>;
}
