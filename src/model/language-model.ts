import type { Tensor } from '../graph/index.js';
import type { TrainingCounts } from './count-initialisation.js';
import type { ParameterSpec, ParameterValues } from './parameters.js';

/** What a model is for, by Hugging Face's names; it decides which head is on the body. */
export const TASKS = [
  'fill-mask',
  'feature-extraction',
  'text-classification',
  'token-classification',
  'replaced-token-detection',
  'text-generation',
] as const;
export type Task = (typeof TASKS)[number];

/** The configuration that every family shares; keys map one to one to Hugging Face's. */
export interface ModelConfig {
  /** V */
  readonly vocabSize: number;
  /** H */
  readonly hiddenSize: number;
  /** L */
  readonly numHiddenLayers: number;
  /** A */
  readonly numAttentionHeads: number;
  /** F */
  readonly intermediateSize: number;
  /** Most tokens of a sequence, special ones included (RoBERTa's table has `padTokenId + 1` rows more). */
  readonly maxPositionEmbeddings: number;
  readonly initializerRange: number;
}

/** A model's parameters as tensors of a graph, by name. */
export type ParameterTensors = ReadonlyMap<string, Tensor>;

/** What an encoder reads: B sequences of T tokens. */
export interface EncoderInputs {
  /** i32[B, T] */
  readonly inputIds: Tensor;
  /** i32[B, T], 1 for a token and 0 for padding; without it every position is a token. */
  readonly attentionMask?: Tensor;
  /** i32[B, T], which text of a pair a token belongs to; 0 without it. */
  readonly tokenTypeIds?: Tensor;
  /** Whether B and T stand for sizes that are known when an exported model runs (decision 20). */
  readonly sizesAreOpen?: boolean;
}

/** The last of the hidden states: what heads read. */
export function lastOf(hiddenStates: readonly [Tensor, ...Tensor[]]): Tensor {
  return hiddenStates.at(-1) as Tensor;
}

/** What the tokens that a model predicts are. */
export interface Predicted {
  /** What the encoder read. */
  readonly inputs: EncoderInputs;
  /** i32[M] or i32[B, m], the places among the B * T that the hidden states are of; all of them without it. */
  readonly positions?: Tensor;
  /** f32[V], added to the logits; see `validityMask`. */
  readonly validity?: Tensor;
  /** Of a family that knows counts of its own training text: what they owe to the very tokens that are predicted, and where. */
  readonly corrections?: Additions;
}

/** Values to add to columns of logits. */
export interface Additions {
  /** f32[M, K] */
  readonly values: Tensor;
  /** i32[M, K] */
  readonly columns: Tensor;
}

/** How fresh parameter values are drawn; see `initialParameters`. */
export interface InitialisationOptions {
  readonly seed: number;
  /** Training counts of every id, i32[V] or longer numbers: the decoder bias starts at their log frequencies. */
  readonly unigramCounts?: ArrayLike<number>;
  /** Relative positions that the heads of ModernBERT's first block look at, by their biases alone. */
  readonly neighbourOffsets?: readonly number[];
  /** Counts of the training split from which ModernBERT's embeddings and neighbour heads start; see `initialiseFromCounts`. */
  readonly counts?: TrainingCounts;
  /** Tables of the training split, of a family with tables. */
  readonly tables?: ParameterValues;
}

/**
 * A model of some family, configuration and task, without weights: its parameter table, and its forward pass as graph.
 * What training, asking and the hub know of a family is this.
 */
export interface LanguageModel {
  /** `model_type` in config.json. */
  readonly modelType: string;
  readonly task: Task;
  readonly config: ModelConfig;
  /** Most tokens of a sequence that the model reads, special ones included. */
  readonly maxTokens: number;
  /** Names of the classes of a classification head, by index; empty for other tasks. */
  readonly labels: readonly string[];
  /** Parameters of the encoder, then those of the head, each in the order of the forward pass. */
  readonly body: readonly ParameterSpec[];
  readonly head: readonly ParameterSpec[];
  /** `body` and `head`. */
  readonly parameters: readonly ParameterSpec[];
  /** Name of the token embeddings f32[V, width]. */
  readonly embeddings: string;
  /** Name of the decoder bias f32[V]; undefined when the task or the configuration has none. */
  readonly decoderBias: string | undefined;
  /** Copies of other parameters under names that checkpoints may hold: copy to original. */
  readonly tied: ReadonlyMap<string, string>;
  /** What the names of the body begin with in a model with a head, such as `bert.`; absent in a checkpoint of the body alone. */
  readonly bodyPrefix: string;
  /** Whether its head knows counts of its own training text, whose predicted tokens are to be left out of them. */
  readonly knowsCounts: boolean;
  /** Whether transformers has no class for it: neither it nor transformers.js opens what is written of it, but for ONNX. */
  readonly isLacunasOwn: boolean;
  /** The content of config.json: what transformers reads. */
  toHuggingFace(): Record<string, unknown>;
  /**
   * Hidden states f32[B * T, H]: of the embeddings, then of each layer; the last is what heads read. With `rows` i32[M] the
   * last has only those, f32[M, H]: what its layer does behind attention is done at no other place, and with i32[B, m], as
   * many of each sequence, attention looks from no other (decision 42).
   */
  encode(parameters: ParameterTensors, inputs: EncoderInputs, rows?: Tensor): readonly [Tensor, ...Tensor[]];
  /**
   * Logits f32[M, V] over the vocabulary; `hiddenStates` f32[M, H] are the last of `encode`, at the positions of the
   * question. Throws a ConfigError when the task has no prediction head.
   */
  predictionLogits(parameters: ParameterTensors, hiddenStates: Tensor, question: Predicted): Tensor;
  /** The rows that `classLogits` reads, i32[B, 1], where they are the first tokens alone; undefined where it reads all. */
  classRows(inputs: EncoderInputs): Tensor | undefined;
  /**
   * Logits of a classification head: f32[B, C] for sequences, f32[B * T, C] for tokens (C = 1 for replaced-token
   * detection). `hiddenStates` are the last of `encode`, all of them or at `classRows`. Throws a ConfigError when the
   * task has no such head.
   */
  classLogits(parameters: ParameterTensors, hiddenStates: Tensor, inputs: EncoderInputs): Tensor;
  /** What a family adds to freshly drawn values, in place; see `initialParameters`. */
  initialise(values: ParameterValues, options: InitialisationOptions): void;
  /** The same body with another head; `labels` name the classes of a classification head. */
  withTask(task: Task, labels?: readonly string[]): LanguageModel;
  /** The same family and task with a vocabulary of another size. */
  withVocabSize(vocabSize: number): LanguageModel;
}
