import { describe, expect, it } from 'vitest';
import { trainLogisticRegression } from './logistic-regression.js';

const example = (rows: number[], label: number) => ({
  rows: Int32Array.from(rows),
  values: Float32Array.from(rows, () => 0.5),
  label,
});
const SIZES = { features: 3, classes: 2 };

describe('logistic regression', () => {
  it('without a validation part is that of the last pass, with one that of the best', () => {
    const train = [example([0], 0), example([1], 1), example([0, 2], 0), example([1, 2], 1)];
    const against = train.map(({ label, ...features }) => ({ ...features, label: 1 - label }));
    const certainty = (validation: typeof train) =>
      trainLogisticRegression(train, validation, SIZES, 0).logits(example([0], 0))[0] ?? 0;
    // None is right of what contradicts the training part, so the first pass is kept.
    expect(certainty([])).toBeGreaterThan(2 * certainty(against));
  });
});
