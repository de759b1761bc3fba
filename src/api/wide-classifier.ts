import { trainLogisticRegression } from '../baselines/index.js';
import type { LabelledSequence } from '../data/index.js';
import {
  type LanguageModel,
  type ParameterValue,
  type ParameterValues,
  type SparseFeatures,
  WIDE,
  wideFeatures,
  wideModel,
} from '../model/index.js';

/** Features that fewer texts have say nothing that carries over. */
const FEWEST_TEXTS = 2;
/** Rows for each pair that is learned of, so that few others fall on it. */
const ROWS_PER_PAIR = 2;
const MOST_PAIR_ROWS = 2 ** 20;

/**
 * How much of either's logits the sum has: the geometric mean of both. Factors that a validation part makes most likely are
 * worse where it is a few speeches: docs/experiments/fine-tuning.md.
 */
const FACTOR = 0.5;

/** A model and its parameters. */
export interface TunedClassifier {
  readonly model: LanguageModel;
  readonly parameters: ParameterValues;
}

/** A tuned text classifier with a linear model of the texts it learned from beside it. */
export function joinWide(
  { model, parameters }: TunedClassifier,
  texts: readonly LabelledSequence[],
  seed: number,
): TunedClassifier {
  const { vocabSize } = model.config;
  const pairRows = pairRowsFor(texts);
  const featuresOf = wideFeatures({ vocabSize, pairRows });
  const examples = texts.map(({ inputIds, labels }) => ({
    ...featuresOf(inputIds),
    label: labels[0] as number,
  }));
  const sizes = { features: vocabSize + pairRows, classes: model.labels.length };
  const linear = trainLogisticRegression(ofSeveral(examples, sizes.features), [], sizes, seed);
  const weights = linear.weights.map((weight) => FACTOR * weight);
  const bias = sizes.features * sizes.classes;
  const joined = new Map<string, ParameterValue>([
    ...parameters,
    [WIDE.deepFactor, { shape: [1], data: Float32Array.of(FACTOR) }],
    [WIDE.table, { shape: [sizes.features, sizes.classes], data: weights.slice(0, bias) }],
    [WIDE.bias, { shape: [sizes.classes], data: weights.slice(bias) }],
  ]);
  return { model: wideModel(model, pairRows), parameters: joined };
}

/** A power of two, so that the pairs of neighbours which several texts have find room. */
function pairRowsFor(texts: readonly LabelledSequence[]): number {
  const once = new Set<number>();
  const several = new Set<number>();
  for (const { inputIds } of texts) {
    const own = new Set<number>();
    for (let place = 1; place < inputIds.length; place++)
      own.add((inputIds[place - 1] as number) * 2 ** 22 + (inputIds[place] as number));
    for (const pair of own) (once.has(pair) ? several : once).add(pair);
  }
  const wanted = 2 ** Math.ceil(Math.log2(Math.max(2, ROWS_PER_PAIR * several.size)));
  return Math.min(MOST_PAIR_ROWS, wanted);
}

/** The examples without the features that too few of them have. */
function ofSeveral<Example extends SparseFeatures>(
  examples: readonly Example[],
  features: number,
): Example[] {
  const texts = new Uint32Array(features);
  for (const { rows } of examples) for (const row of rows) texts[row] = (texts[row] as number) + 1;
  return examples.map((example) => {
    const isKept = Array.from(example.rows, (row) => (texts[row] as number) >= FEWEST_TEXTS);
    return {
      ...example,
      rows: example.rows.filter((_, index) => isKept[index]),
      values: example.values.filter((_, index) => isKept[index]),
    };
  });
}
