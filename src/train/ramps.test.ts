import { describe, expect, it } from 'vitest';
import { rampStages, stageAt, tokensOf } from './ramps.js';

const sizes = { batchSize: 16, sequenceLength: 128 };

describe('rampStages', () => {
  it('has one stage without ramps', () => {
    const stages = rampStages(sizes);
    expect(stages).toHaveLength(1);
    expect(stages[0]).toMatchObject({ fromStep: 0, batchSize: 16, sequenceLength: 128, pieces: 1 });
    expect(tokensOf(stages, 10)).toBe(10 * 16 * 128);
  });

  it('doubles the batch in equal stretches of steps', () => {
    const stages = rampStages({ ...sizes, batchRamp: { from: 4, steps: 100 } });
    expect(stages.map(({ fromStep, batchSize, firstPiece }) => [fromStep, batchSize, firstPiece])).toEqual([
      [0, 4, 0],
      [50, 8, 200],
      [100, 16, 600],
    ]);
    expect(stageAt(stages, 99).batchSize).toBe(8);
    expect(tokensOf(stages, 102)).toBe((50 * 4 + 50 * 8 + 2 * 16) * 128);
  });

  it('cuts rows and takes as many more of them', () => {
    const stages = rampStages({ ...sizes, lengthRamp: { from: 32, steps: 10 } });
    expect(
      stages.map(({ sequenceLength, pieces, batchSize }) => [sequenceLength, pieces, batchSize]),
    ).toEqual([
      [32, 4, 64],
      [64, 2, 32],
      [128, 1, 16],
    ]);
    expect(stages.map(({ firstPiece }) => firstPiece)).toEqual([0, 160, 160]); // 80 rows, then 160
  });

  it('changes both at their own steps, and never takes a row twice', () => {
    const both = { batchRamp: { from: 3, steps: 9 }, lengthRamp: { from: 64, steps: 4 } };
    const stages = rampStages({ ...sizes, ...both });
    expect(
      stages.map(({ fromStep, batchSize, sequenceLength }) => [fromStep, batchSize, sequenceLength]),
    ).toEqual([
      [0, 6, 64],
      [3, 12, 64],
      [4, 6, 128],
      [6, 12, 128],
      [9, 16, 128],
    ]);
    for (const [index, { firstPiece, pieces }] of stages.entries()) {
      const before = stages[index - 1];
      if (!before) continue;
      const end = before.firstPiece + (before.untilStep - before.fromStep) * before.batchSize;
      expect(firstPiece / pieces).toBeGreaterThanOrEqual(end / before.pieces);
      expect(firstPiece / pieces - end / before.pieces).toBeLessThan(1);
    }
  });

  it.each([
    [{ batchRamp: { from: 16, steps: 9 } }, /--batch-ramp 16:9: .*at least 1 and below 16/],
    [{ batchRamp: { from: 1, steps: 3 } }, /--batch-ramp 1:3: 4 sizes on the way to 16/],
    [{ lengthRamp: { from: 4, steps: 9 } }, /--length-ramp 4:9: .*at least 8 and below 128/],
  ])('refuses %j', (ramps, message) => {
    expect(() => rampStages({ ...sizes, ...ramps })).toThrow(message);
  });
});
