import { z } from 'zod';
import { ConfigError } from '../core/index.js';
import { add, mul, type Tensor } from '../graph/index.js';
import { type WideSizes, wideLogits } from './blocks/wide-features.js';
import { readConfigKeys } from './config-codec.js';
import type { EncoderInputs, LanguageModel, ParameterTensors, Task } from './language-model.js';
import type { ParameterSpec, ParameterValues } from './parameters.js';
import { Weights } from './weights.js';

/** `model_type` of a wide and deep model. */
export const WIDE_TYPE = 'lacuna-wide';

/** Names of its parameters beside those of the network: the linear part's, and what the network's logits are multiplied by. */
export const WIDE = { table: 'wide.weight', bias: 'wide.bias', deepFactor: 'wide.deep_factor' } as const;

/** Pairs beyond this have numbers that float32 rounds. */
const MOST_PAIR_ROWS = 2 ** 22;

const schema = z.object({
  pairRows: z.int().positive().max(MOST_PAIR_ROWS),
  deep: z.looseObject({ model_type: z.string() }),
});

/** The model that the content of a wide model's config.json describes; `readDeep` reads that of its network. */
export function readWide(
  json: unknown,
  where: string,
  readDeep: (json: unknown, where: string) => LanguageModel,
): LanguageModel {
  const { deep, pairRows } = readConfigKeys(schema, json, where);
  return wideModel(readDeep(deep, `${where}: deep`), pairRows);
}

/**
 * A text classifier of any family with a linear model beside it, on tokens and pairs of neighbours: logits are the sum of
 * both (Cheng et al. 2016, Wide & Deep Learning, arXiv 1606.07792). The linear part is trained by itself, and stands still in
 * a graph. transformers has no model of this type; it leaves Lacuna as ONNX. Throws a ConfigError for another task.
 */
export function wideModel(deep: LanguageModel, pairRows: number): LanguageModel {
  const isClassifier = deep.task === 'text-classification' && deep.modelType !== WIDE_TYPE;
  if (isClassifier) return new WideModel(deep, pairRows);
  throw new ConfigError(
    `a linear part goes beside a text classifier, not beside a ${deep.modelType} for ${deep.task}`,
  );
}

class WideModel implements LanguageModel {
  readonly modelType = WIDE_TYPE;
  readonly task: Task;
  readonly config: LanguageModel['config'];
  readonly maxTokens: number;
  readonly labels: readonly string[];
  readonly body: readonly ParameterSpec[];
  readonly head: readonly ParameterSpec[];
  readonly parameters: readonly ParameterSpec[];
  readonly embeddings: string;
  readonly decoderBias: string | undefined;
  readonly tied: ReadonlyMap<string, string>;
  readonly bodyPrefix: string;
  readonly knowsCounts = false;
  readonly isLacunasOwn = true;
  private readonly sizes: WideSizes;

  constructor(
    private readonly deep: LanguageModel,
    private readonly pairRows: number,
  ) {
    const { vocabSize } = deep.config;
    const classes = deep.labels.length;
    this.task = deep.task;
    this.config = deep.config;
    this.maxTokens = deep.maxTokens;
    this.labels = deep.labels;
    this.body = deep.body;
    this.head = [
      ...deep.head,
      { name: WIDE.deepFactor, shape: [1], kind: 'table' },
      { name: WIDE.table, shape: [vocabSize + pairRows, classes], kind: 'table' },
      { name: WIDE.bias, shape: [classes], kind: 'table' },
    ];
    this.parameters = [...this.body, ...this.head];
    this.embeddings = deep.embeddings;
    this.decoderBias = deep.decoderBias;
    this.tied = deep.tied;
    this.bodyPrefix = deep.bodyPrefix;
    this.sizes = { vocabSize, pairRows };
  }

  toHuggingFace(): Record<string, unknown> {
    const deep = this.deep.toHuggingFace();
    const { id2label, label2id, max_position_embeddings } = deep;
    return {
      architectures: ['LacunaWideForSequenceClassification'],
      model_type: WIDE_TYPE,
      max_position_embeddings,
      pair_rows: this.pairRows,
      id2label,
      label2id,
      deep,
    };
  }

  encode(parameters: ParameterTensors, inputs: EncoderInputs, rows?: Tensor): readonly [Tensor, ...Tensor[]] {
    return this.deep.encode(parameters, inputs, rows);
  }

  predictionLogits(): Tensor {
    throw new ConfigError(`a model for ${this.task} has no head that predicts tokens`);
  }

  classRows(inputs: EncoderInputs): Tensor | undefined {
    return this.deep.classRows(inputs);
  }

  classLogits(parameters: ParameterTensors, hiddenStates: Tensor, inputs: EncoderInputs): Tensor {
    const weights = new Weights(parameters);
    const deep = this.deep.classLogits(parameters, hiddenStates, inputs);
    const wide = wideLogits(weights.get(WIDE.table), weights.get(WIDE.bias), inputs, this.sizes);
    return add(mul(deep, weights.get(WIDE.deepFactor)), wide);
  }

  initialise(values: ParameterValues, options: Parameters<LanguageModel['initialise']>[1]): void {
    this.deep.initialise(values, options);
  }

  withTask(task: Task, labels?: readonly string[]): LanguageModel {
    return this.deep.withTask(task, labels);
  }

  withVocabSize(): LanguageModel {
    throw new ConfigError(
      `a ${WIDE_TYPE} model cannot have another vocabulary: its linear part is tied to it`,
    );
  }
}
