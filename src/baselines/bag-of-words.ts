import { type SparseFeatures, unitLogCounts } from '../model/index.js';
import { trainLogisticRegression } from './logistic-regression.js';

/** A text with its class. */
export interface ClassExample {
  readonly text: string;
  readonly label: string;
}

/** Words that fewer examples hold say nothing that carries over. */
const FEWEST_EXAMPLES = 2;

/**
 * Logistic regression over a bag of words: log(1 + count) of lower-cased words, to unit length. The same validation part
 * that stops the neural model chooses its number of epochs. Returns the class of a text.
 */
export function trainBagOfWords(
  train: readonly ClassExample[],
  validation: readonly ClassExample[],
  seed: number,
): (text: string) => string {
  const vocabulary = wordsOfSeveral(train);
  const labels = [...new Set(train.map(({ label }) => label))].sort();
  const encoded = (examples: readonly ClassExample[]) =>
    examples.map(({ text, label }) => ({ ...featuresOf(text, vocabulary), label: labels.indexOf(label) }));
  const sizes = { features: vocabulary.size, classes: labels.length };
  const model = trainLogisticRegression(encoded(train), encoded(validation), sizes, seed);
  return (text) => labels[model.classify(featuresOf(text, vocabulary))] ?? '';
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

function wordsOfSeveral(examples: readonly ClassExample[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { text } of examples) {
    for (const word of new Set(wordsOf(text))) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const known = [...counts].filter(([, count]) => count >= FEWEST_EXAMPLES);
  return new Map(known.map(([word], index) => [word, index]));
}

/** A text as its known words. */
function featuresOf(text: string, vocabulary: ReadonlyMap<string, number>): SparseFeatures {
  const counts = new Map<number, number>();
  for (const word of wordsOf(text)) {
    const index = vocabulary.get(word);
    if (index !== undefined) counts.set(index, (counts.get(index) ?? 0) + 1);
  }
  return unitLogCounts(counts);
}
