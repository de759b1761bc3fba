import { RandomPurpose, RandomStream, shuffleInPlace } from '../core/index.js';
import type { SparseFeatures } from '../model/index.js';

/** Passes over the examples, of which the best on the validation part is taken, or else the last. */
const EPOCHS = 15;
const LEARNING_RATE = 0.5;

/** A text by its features. */
export interface SparseExample extends SparseFeatures {
  /** Of C. */
  readonly label: number;
}

export interface RegressionSizes {
  readonly features: number;
  readonly classes: number;
}

/**
 * Multinomial logistic regression over sparse features by AdaGrad (Duchi et al. 2011), its number of epochs chosen by the
 * share of validation examples that are right, where there are any.
 */
export function trainLogisticRegression(
  train: readonly SparseExample[],
  validation: readonly SparseExample[],
  sizes: RegressionSizes,
  seed: number,
): LogisticRegression {
  const model = new LogisticRegression(sizes);
  let best = { right: -1, weights: model.weights.slice() };
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    const random = new RandomStream(seed, RandomPurpose.shuffling, epoch);
    for (const place of shuffleInPlace(Uint32Array.from(train.keys()), random)) {
      model.learn(train[place] as SparseExample);
    }
    const right = validation.filter((example) => model.classify(example) === example.label).length;
    if (right > best.right || validation.length === 0) best = { right, weights: model.weights.slice() };
  }
  model.weights.set(best.weights);
  return model;
}

/** Weights f32[features + 1, C], the last row for the bias, with AdaGrad's sums of squares. */
export class LogisticRegression {
  readonly weights: Float32Array;
  private readonly squares: Float32Array;
  private readonly classes: number;
  private readonly bias: number;

  constructor({ features, classes }: RegressionSizes) {
    this.classes = classes;
    this.bias = features * classes;
    this.weights = new Float32Array((features + 1) * classes);
    this.squares = new Float32Array(this.weights.length).fill(1e-6);
  }

  classify(features: SparseFeatures): number {
    const scores = this.logits(features);
    return scores.indexOf(Math.max(...scores));
  }

  /** f32[C] */
  logits({ rows, values }: SparseFeatures): Float32Array {
    const scores = this.weights.slice(this.bias);
    for (let index = 0; index < rows.length; index++) {
      const start = (rows[index] as number) * this.classes;
      const value = values[index] as number;
      for (let label = 0; label < this.classes; label++)
        scores[label] = (scores[label] as number) + (this.weights[start + label] as number) * value;
    }
    return scores;
  }

  learn({ rows, values, label: actual }: SparseExample): void {
    const scores = this.logits({ rows, values });
    const most = Math.max(...scores);
    const masses = scores.map((score) => Math.exp(score - most));
    const total = masses.reduce((sum, mass) => sum + mass, 0);
    for (let label = 0; label < this.classes; label++) {
      const error = (masses[label] as number) / total - Number(label === actual);
      for (let index = 0; index < rows.length; index++)
        this.update((rows[index] as number) * this.classes + label, error * (values[index] as number));
      this.update(this.bias + label, error);
    }
  }

  private update(place: number, slope: number): void {
    const squares = (this.squares[place] as number) + slope * slope;
    this.squares[place] = squares;
    this.weights[place] = (this.weights[place] as number) - (LEARNING_RATE * slope) / Math.sqrt(squares);
  }
}
