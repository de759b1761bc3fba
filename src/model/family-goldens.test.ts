import { describe, expect, it } from 'vitest';
import { evaluate, type NdArray } from '../graph/index.js';
import { familyProgram, formulaWeights, projections, readFamilyGoldens } from './testing/index.js';

/** Digits that the goldens and the float32 constants of a graph have, and the share of the largest gradient below which one is rounding in float64. */
const DIGITS = 2e-5;
const ROUNDING = 1e-12;

/** In float64 nothing is lost to rounding, so that a small gradient is held to its own size and not to the largest. */
describe("every family equals transformers' in float64", () => {
  it.each(
    readFamilyGoldens().map(
      (golden, index) => [index, golden.config.model_type, golden.task, golden] as const,
    ),
  )('model %i, %s for %s: logits, loss and every gradient', (_, __, ___, golden) => {
    const { model, logits, loss, slopes } = familyProgram(golden);
    const feeds = new Map<string, NdArray>(
      [...formulaWeights(model.parameters)].map(([name, { shape, data }]) => [
        name,
        { shape, data: Float64Array.from(data) },
      ]),
    );
    const names = [...slopes.keys()].sort();
    const outputs = [logits, loss, ...names.map((name) => slopes.get(name) ?? loss)];
    const [logitValues, lossValue, ...found] = evaluate(outputs, feeds) as [NdArray, NdArray, ...NdArray[]];
    for (const [at, expected] of golden.logits.entries())
      expect(Math.abs((logitValues.data[at] as number) - expected)).toBeLessThan(2e-6);
    expect(Math.abs((lossValue.data[0] as number) - golden.loss)).toBeLessThan(1e-6);
    const largest = Math.max(...golden.gradients.map(([norm]) => norm));
    for (const [index, [norm, projection]] of golden.gradients.entries()) {
      const [ownNorm, ownProjection] = projections((found[index] as NdArray).data);
      const allowed = Math.max(DIGITS * norm, ROUNDING * largest);
      expect(Math.abs(ownNorm - norm), names[index]).toBeLessThanOrEqual(allowed);
      expect(Math.abs(ownProjection - projection), names[index]).toBeLessThanOrEqual(allowed);
    }
  });
});
