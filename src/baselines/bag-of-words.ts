import { RandomPurpose, RandomStream, shuffleInPlace } from '../core/index.js';

/** A text with its class. */
export interface ClassExample {
  readonly text: string;
  readonly label: string;
}

/** Passes over the examples, of which the best on the validation part is taken. */
const EPOCHS = 15;
const LEARNING_RATE = 0.5;
/** Words that fewer examples hold say nothing that carries over. */
const FEWEST_EXAMPLES = 2;

/** A text as indices of its known words and their weights. */
interface Features {
  readonly words: Int32Array;
  readonly values: Float32Array;
}

/**
 * Multinomial logistic regression over a bag of words: log(1 + count) of lower-cased words, to unit length, by AdaGrad
 * (Duchi et al. 2011). The same validation part that stops the neural model chooses its number of epochs. Returns the
 * class of a text.
 */
export function trainBagOfWords(
  train: readonly ClassExample[],
  validation: readonly ClassExample[],
  seed: number,
): (text: string) => string {
  const vocabulary = wordsOfSeveral(train);
  const labels = [...new Set(train.map(({ label }) => label))].sort();
  const model = new LogisticRegression(vocabulary.size, labels.length);
  const encoded = train.map(({ text, label }) => ({
    features: featuresOf(text, vocabulary),
    label: labels.indexOf(label),
  }));
  const checks = validation.map(({ text, label }) => ({ features: featuresOf(text, vocabulary), label }));
  let best = { right: -1, weights: model.weights.slice() };
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    const random = new RandomStream(seed, RandomPurpose.shuffling, epoch);
    for (const place of shuffleInPlace(Uint32Array.from(encoded.keys()), random)) {
      const example = encoded[place];
      if (example) model.learn(example.features, example.label);
    }
    const right = checks.filter(({ features, label }) => labels[model.classify(features)] === label).length;
    if (right > best.right) best = { right, weights: model.weights.slice() };
  }
  model.weights.set(best.weights);
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

function featuresOf(text: string, vocabulary: ReadonlyMap<string, number>): Features {
  const counts = new Map<number, number>();
  for (const word of wordsOf(text)) {
    const index = vocabulary.get(word);
    if (index !== undefined) counts.set(index, (counts.get(index) ?? 0) + 1);
  }
  const values = Float32Array.from(counts.values(), (count) => Math.log1p(count));
  const length = Math.hypot(...values) || 1;
  return { words: Int32Array.from(counts.keys()), values: values.map((value) => value / length) };
}

/** Weights f32[C, words + 1], the last column for the bias, with AdaGrad's sums of squares. */
class LogisticRegression {
  readonly weights: Float32Array;
  private readonly squares: Float32Array;
  private readonly width: number;

  constructor(
    words: number,
    private readonly classes: number,
  ) {
    this.width = words + 1;
    this.weights = new Float32Array(classes * this.width);
    this.squares = new Float32Array(classes * this.width).fill(1e-6);
  }

  classify(features: Features): number {
    const scores = this.scores(features);
    return scores.indexOf(Math.max(...scores));
  }

  learn(features: Features, label: number): void {
    const scores = this.scores(features);
    const most = Math.max(...scores);
    const masses = scores.map((score) => Math.exp(score - most));
    const total = masses.reduce((sum, mass) => sum + mass, 0);
    for (let index = 0; index < this.classes; index++) {
      const error = (masses[index] as number) / total - Number(index === label);
      const row = index * this.width;
      for (const [place, word] of features.words.entries()) {
        this.update(row + word, error * (features.values[place] as number));
      }
      this.update(row + this.width - 1, error);
    }
  }

  private scores({ words, values }: Features): number[] {
    return Array.from({ length: this.classes }, (_, index) => {
      const row = index * this.width;
      let score = this.weights[row + this.width - 1] as number;
      for (let place = 0; place < words.length; place++) {
        score += (this.weights[row + (words[place] as number)] as number) * (values[place] as number);
      }
      return score;
    });
  }

  private update(place: number, slope: number): void {
    const squares = (this.squares[place] as number) + slope * slope;
    this.squares[place] = squares;
    this.weights[place] = (this.weights[place] as number) - (LEARNING_RATE * slope) / Math.sqrt(squares);
  }
}
