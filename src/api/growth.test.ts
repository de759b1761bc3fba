import { describe, expect, it } from 'vitest';
import { Engine } from '../runtime/index.js';
import { attentionMs } from './attention-meter.js';
import { type GrowthPoint, growthChart } from './growth.js';
import { GROWTH_AXES, GROWTH_VALUES, growthSizes } from './growth-sizes.js';
import { PRESETS } from './presets.js';
import { stepModel } from './step-meter.js';

describe('the points of a profile', () => {
  const points = growthSizes(PRESETS.mini, GROWTH_AXES);
  const along = (axis: string) => points.filter((point) => point.axis === axis);

  it('grow one size at a time and keep the tokens of a step', () => {
    expect(along('T').map(({ sizes }) => sizes.sequenceLength)).toEqual(GROWTH_VALUES.T);
    const tokens = along('T').map(({ sizes }) => sizes.batchSize * sizes.sequenceLength);
    expect(new Set(tokens)).toEqual(new Set([PRESETS.mini.batchTokens]));
    expect(along('batch').map(({ sizes }) => sizes.batchSize)).toEqual([4, 8, 16, 32, 64, 128]);
    expect(along('L').map(({ sizes }) => [sizes.layers, sizes.hidden])).toEqual([
      [1, 256],
      [2, 256],
      [4, 256],
      [8, 256],
    ]);
  });

  it('keep the width of a head and the proportions of a layer', () => {
    for (const { sizes } of along('H')) {
      expect(sizes.hidden / sizes.heads).toBe(64);
      expect(sizes.feedForward / sizes.hidden).toBe(4);
    }
  });
});

it('attention is measured by itself, for all micro-batches of a step', async () => {
  const sizes = { ...PRESETS.tiny, hidden: 8, sequenceLength: 8, batchSize: 4, vocabSize: 64 };
  const engine = new Engine({ threads: 1 });
  try {
    const ms = await attentionMs(engine, stepModel({ ...sizes, microBatchSize: 2 }));
    expect(ms).toBeGreaterThan(0);
  } finally {
    await engine.close();
  }
});

it('the chart has a panel for each axis that was measured', () => {
  const points = growthSizes(PRESETS.tiny, ['T', 'V']).map(
    ({ axis, value, sizes }): GrowthPoint => ({
      ...sizes,
      axis,
      value,
      msPerStep: 1,
      tokensPerSecond: 1000,
      microsecondsPerToken: 10 + value,
      attentionMicrosecondsPerToken: value,
      limitMicrosecondsPerToken: 5,
    }),
  );
  const svg = growthChart({ preset: 'tiny', gflopsSgemm: 100, points });
  expect(svg.match(/font-weight="bold"[^>]*>/g)).toHaveLength(2);
  expect(svg.match(/<circle/g)).toHaveLength(3 * points.length);
});
