import { describe, expect, it } from 'vitest';
import { summarise } from './compare-masking.js';
import { comparisonSvg } from './comparison-svg.js';

const run = (seed: number, lossNats: number) => ({
  seed,
  steps: 10,
  lossNats,
  accuracy: 0.5,
  squaredGradientNorm: 2,
  trainingSurprisalNats: 5,
  trainMs: 1,
});
const groups = [
  { label: 'uniform', runs: [run(0, 4), run(1, 5), run(2, 6)] },
  { label: 'span', runs: [run(0, 4.1), run(1, 5.2), run(2, 6.3)] },
  { label: 'a<b', runs: [run(0, 3), run(1, 3), run(2, 3)] },
];

describe('a comparison of maskings', () => {
  it('has means with intervals, and differences seed by seed', () => {
    const [uniform, span, flat] = summarise(groups);
    expect(uniform?.lossNats.mean).toBe(5);
    expect(uniform?.lossNats.halfWidth).toBeCloseTo(4.30265 / Math.sqrt(3), 4);
    expect(uniform?.lossDifference).toEqual({ mean: 0, halfWidth: 0 });
    expect(span?.lossDifference.mean).toBeCloseTo(0.2, 12);
    // Paired: much narrower than the losses themselves.
    expect(span?.lossDifference.halfWidth).toBeCloseTo((4.30265 * 0.1) / Math.sqrt(3), 4);
    expect(flat?.lossNats).toEqual({ mean: 3, halfWidth: 0 });
    expect(summarise([{ label: 'one', runs: [run(0, 4)] }])[0]?.lossNats.halfWidth).toBeUndefined();
  });

  it('is a picture with a point for every run', () => {
    const svg = comparisonSvg({
      fingerprint: 'f',
      steps: 10,
      seeds: [0, 1, 2],
      evaluationMaskRate: 0.15,
      strategies: summarise(groups),
    });
    expect(svg.match(/<circle[^>]*r="3"/g)).toHaveLength(9);
    expect(svg.match(/<title>/g)).toHaveLength(1 + 3);
    expect(svg).toContain('a&lt;b');
    expect(svg).not.toContain('a<b');
    expect(svg).not.toContain('NaN');
  });
});
