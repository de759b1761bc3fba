import { ConfigError } from '../core/index.js';
import { constant, type Tensor } from '../graph/index.js';
import {
  type EncoderInputs,
  type InitialisationOptions,
  type LanguageModel,
  type ModelConfig,
  type ParameterTensors,
  type Predicted,
  TASKS,
  type Task,
} from './language-model.js';
import type { ParameterSpec, ParameterValues } from './parameters.js';
import { readTask, writeLabels } from './task.js';
import { Weights } from './weights.js';

/** A head on a body: its parameters for C classes (prediction heads have none), and what it makes of hidden states. */
export interface Head<Config, Argument> {
  parameters(config: Config, classes: number): readonly ParameterSpec[];
  logits(weights: Weights, config: Config, hiddenStates: Tensor, argument: Argument): Tensor;
}

/** A head for whole sequences. */
export interface SequenceHead<Config> extends Head<Config, EncoderInputs> {
  /** Whether it reads the first token of each sequence and no other; so it does unless told. */
  readsFirstOnly?(config: Config): boolean;
}

/** What an encoder reads, with the direction that the task asks for. */
export interface BodyInputs extends EncoderInputs {
  /** A token sees itself and those before it only. */
  readonly isCausal: boolean;
  /** i32[M] or i32[B, m], the rows that are read of the last layer; all without it. */
  readonly rows?: Tensor;
}

/** A family of models: everything that tells it from another, over its own configuration. */
export interface FamilyDefinition<Config extends ModelConfig> {
  readonly modelType: string;
  /** Class names in transformers by task, the one to write first; a task without a class is not offered. */
  readonly architectures: Readonly<Partial<Record<Task, readonly string[]>>>;
  readonly bodyPrefix: string;
  readonly embeddings: string;
  /** Names that the bias of the decoder may have. */
  readonly decoderBiases: readonly string[];
  /** Names that checkpoints use for copies of other parameters: copy to original. */
  readonly tied: (config: Config) => Readonly<Record<string, string>>;
  maxTokens(config: Config): number;
  readConfig(json: unknown, where: string): Config;
  /** The configuration of a new model. */
  newConfig(sizes: NewModel): Config;
  writeConfig(config: Config): Record<string, unknown>;
  body(config: Config): readonly ParameterSpec[];
  /** Hidden states f32[B * T, H] of the embeddings and of each layer, of the last at the rows that are read. */
  encode(weights: Weights, config: Config, inputs: BodyInputs): readonly [Tensor, ...Tensor[]];
  /** Rows f32[M, H] to logits f32[M, V]. */
  readonly prediction: Head<Config, Predicted>;
  /** Whether the prediction head has tables of counts. */
  readonly knowsCounts?: boolean;
  /** Hidden states f32[B * T, H] of sequences, or f32[B, H] where it reads first tokens alone, to logits f32[B, C]. */
  readonly sequence: SequenceHead<Config>;
  /** Hidden states f32[B * T, H] to logits f32[B * T, C]. */
  readonly token: Head<Config, undefined>;
  /** As `token` with one class, where the family has it: was a token replaced? */
  readonly replacedToken?: Head<Config, undefined>;
  initialise?(values: ParameterValues, config: Config, options: InitialisationOptions): void;
}

/** What is chosen for a new model of any family. */
export interface NewModel {
  readonly vocabSize: number;
  readonly hiddenSize: number;
  readonly numHiddenLayers: number;
  readonly numAttentionHeads: number;
  readonly intermediateSize: number;
  readonly maxTokens: number;
  readonly initializerRange: number;
  readonly padTokenId: number;
  readonly clsTokenId: number;
  readonly sepTokenId: number;
  readonly maskTokenId: number;
}

/** A family as the rest of Lacuna sees it. */
export interface ModelFamily {
  readonly modelType: string;
  readonly tasks: readonly Task[];
  /** The model that a config.json describes; a ConfigError names the file, the key and what was expected. */
  read(json: unknown, where: string): LanguageModel;
  /** A new model with the family's own choices beside the given sizes. */
  create(sizes: NewModel, task?: Task, labels?: readonly string[]): LanguageModel;
}

/** A family whose configuration can be given in Lacuna's own terms. */
export interface DefinedFamily<Config extends ModelConfig> extends ModelFamily {
  of(config: Config, task?: Task, labels?: readonly string[]): LanguageModel;
}

/** Makes a family of its definition. */
export function defineFamily<Config extends ModelConfig>(
  definition: FamilyDefinition<Config>,
): DefinedFamily<Config> {
  const { modelType, architectures } = definition;
  const of: DefinedFamily<Config>['of'] = (config, task = 'fill-mask', labels = []) =>
    new BoundModel(definition, { config, task, labels });
  return {
    modelType,
    tasks: TASKS.filter((task) => architectures[task] !== undefined),
    of,
    create: (sizes, task, labels) => of(definition.newConfig(sizes), task, labels),
    read: (json, where) => {
      const { task, labels, original } = readTask(json, architectures, where);
      const config = definition.readConfig(json, where);
      assertBounded(config, where);
      return new BoundModel(definition, {
        config,
        task,
        labels,
        original,
      });
    },
  };
}

/** How the names of classes begin that transformers does not have. */
const OWN_CLASS_PREFIX = 'Lacuna';

/** Layers beyond any model there is: a parameter table of more would not fit into memory. */
const MOST_LAYERS = 1024;

function assertBounded({ numHiddenLayers }: ModelConfig, where: string): void {
  if (numHiddenLayers <= MOST_LAYERS) return;
  throw new ConfigError(
    `${where}: num_hidden_layers: expected at most ${MOST_LAYERS}, got ${numHiddenLayers}`,
  );
}

interface Bound<Config> {
  readonly config: Config;
  readonly task: Task;
  readonly labels: readonly string[];
  /** The config.json that was read: what Lacuna does not know of it is written again as it was. */
  readonly original?: Readonly<Record<string, unknown>>;
}

/** A family's definition with a configuration and a task. */
class BoundModel<Config extends ModelConfig> implements LanguageModel {
  readonly modelType: string;
  readonly config: Config;
  readonly task: Task;
  readonly labels: readonly string[];
  readonly maxTokens: number;
  readonly body: readonly ParameterSpec[];
  readonly head: readonly ParameterSpec[];
  readonly parameters: readonly ParameterSpec[];
  readonly embeddings: string;
  readonly decoderBias: string | undefined;
  readonly tied: ReadonlyMap<string, string>;
  readonly bodyPrefix: string;
  readonly knowsCounts: boolean;
  readonly isLacunasOwn: boolean;

  constructor(
    private readonly family: FamilyDefinition<Config>,
    private readonly bound: Bound<Config>,
  ) {
    const { config, task, labels } = bound;
    const architecture = family.architectures[task]?.[0];
    if (architecture === undefined) {
      const offered = Object.keys(family.architectures).join(', ');
      throw new ConfigError(`${family.modelType} has no head for '${task}'; it has ${offered}`);
    }
    assertBounded(config, family.modelType);
    this.modelType = family.modelType;
    this.config = config;
    this.task = task;
    this.labels = labels;
    this.maxTokens = family.maxTokens(config);
    this.body = family.body(config);
    this.head = this.headParameters();
    this.parameters = [...this.body, ...this.head];
    this.embeddings = family.embeddings;
    this.decoderBias = this.head.find(({ name }) => family.decoderBiases.includes(name))?.name;
    this.tied = new Map(this.predicts ? Object.entries(family.tied(config)) : []);
    this.bodyPrefix = family.bodyPrefix;
    this.knowsCounts = family.knowsCounts ?? false;
    this.isLacunasOwn = architecture.startsWith(OWN_CLASS_PREFIX);
  }

  toHuggingFace(): Record<string, unknown> {
    const { id2label: _, label2id: __, _name_or_path: ___, ...original } = this.bound.original ?? {};
    const architecture = this.family.architectures[this.task]?.[0];
    return {
      ...original,
      architectures: [architecture],
      ...this.family.writeConfig(this.config),
      ...(this.task === 'text-generation' ? { is_decoder: true } : {}),
      ...(this.labels.length > 0 ? writeLabels(this.labels) : {}),
    };
  }

  encode(parameters: ParameterTensors, inputs: EncoderInputs, rows?: Tensor): readonly [Tensor, ...Tensor[]] {
    const [, T] = inputs.inputIds.shape as readonly [number, number];
    if (T > this.maxTokens && !inputs.sizesAreOpen)
      throw new ConfigError(`a sequence of ${T} tokens: the model has ${this.maxTokens} positions`);
    const isCausal = this.task === 'text-generation';
    return this.family.encode(new Weights(parameters), this.config, {
      ...inputs,
      isCausal,
      ...(rows && { rows }),
    });
  }

  predictionLogits(parameters: ParameterTensors, hiddenStates: Tensor, question: Predicted): Tensor {
    if (!this.predicts) throw new ConfigError(`a model for ${this.task} has no head that predicts tokens`);
    return this.family.prediction.logits(new Weights(parameters), this.config, hiddenStates, question);
  }

  classRows({ inputIds }: EncoderInputs): Tensor | undefined {
    const { sequence } = this.family;
    if (this.task !== 'text-classification' || sequence.readsFirstOnly?.(this.config) === false)
      return undefined;
    const [B, T] = inputIds.shape as readonly [number, number];
    const first = Int32Array.from({ length: B }, (_, row) => row * T);
    return constant(inputIds.node.graph, first, [B, 1]);
  }

  classLogits(parameters: ParameterTensors, hiddenStates: Tensor, inputs: EncoderInputs): Tensor {
    const weights = new Weights(parameters);
    const { sequence, token, replacedToken } = this.family;
    if (this.task === 'text-classification')
      return sequence.logits(weights, this.config, hiddenStates, inputs);
    if (this.task === 'token-classification')
      return token.logits(weights, this.config, hiddenStates, undefined);
    if (this.task === 'replaced-token-detection' && replacedToken)
      return replacedToken.logits(weights, this.config, hiddenStates, undefined);
    throw new ConfigError(`a model for ${this.task} has no classification head`);
  }

  initialise(values: ParameterValues, options: InitialisationOptions): void {
    this.family.initialise?.(values, this.config, options);
  }

  withTask(task: Task, labels: readonly string[] = []): LanguageModel {
    return new BoundModel(this.family, { ...this.bound, task, labels });
  }

  withVocabSize(vocabSize: number): LanguageModel {
    return new BoundModel(this.family, { ...this.bound, config: { ...this.config, vocabSize } });
  }

  private get predicts(): boolean {
    return this.task === 'fill-mask' || this.task === 'text-generation';
  }

  private headParameters(): readonly ParameterSpec[] {
    const { prediction, sequence, token, replacedToken } = this.family;
    const { config, task, labels } = this.bound;
    if (this.predicts) return prediction.parameters(config, 0);
    if (task === 'replaced-token-detection') return replacedToken?.parameters(config, 1) ?? [];
    if (task === 'feature-extraction') return [];
    if (labels.length === 0) throw new ConfigError(`a model for ${task} needs the names of its classes`);
    return (task === 'text-classification' ? sequence : token).parameters(config, labels.length);
  }
}
