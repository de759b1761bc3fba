import type { Preset } from './presets.js';
import type { StepSizes } from './step-meter.js';

/** What grows while all else stays: a dimension, or the tokens of a step. */
export const GROWTH_AXES = ['T', 'L', 'H', 'V', 'batch'] as const;
export type GrowthAxis = (typeof GROWTH_AXES)[number];

/** A point of the profile: the value on its axis and the sizes it stands for. */
export interface GrowthSizes {
  readonly axis: GrowthAxis;
  readonly value: number;
  readonly sizes: StepSizes;
}

/** Values of each axis; powers of two, so that widths are whole heads and batches whole sequences. */
export const GROWTH_VALUES: Readonly<Record<GrowthAxis, readonly number[]>> = {
  T: [32, 64, 128, 256, 512, 1024, 2048],
  L: [1, 2, 4, 8],
  H: [128, 256, 512, 768],
  V: [2048, 4096, 8192, 16_384, 32_768],
  batch: [512, 1024, 2048, 4096, 8192, 16_384],
};

/** T of all points but those along T. */
const SEQUENCE_LENGTH = 128;

/** Width of a head; its number grows with H. */
const HEAD_WIDTH = 64;

/**
 * The points of a profile around a preset, axis by axis. Along T the step keeps the preset's tokens; along H heads and
 * feed-forward width grow in proportion.
 */
export function growthSizes(preset: Preset, axes: readonly GrowthAxis[]): GrowthSizes[] {
  return axes.flatMap((axis) =>
    GROWTH_VALUES[axis].map((value) => ({ axis, value, sizes: sizesAt(preset, axis, value) })),
  );
}

function sizesAt(preset: Preset, axis: GrowthAxis, value: number): StepSizes {
  const sequenceLength = axis === 'T' ? value : SEQUENCE_LENGTH;
  const batchTokens = axis === 'batch' ? value : preset.batchTokens;
  const hidden = axis === 'H' ? value : preset.hidden;
  return {
    layers: axis === 'L' ? value : preset.layers,
    hidden,
    heads: axis === 'H' ? value / HEAD_WIDTH : preset.heads,
    feedForward: (preset.feedForward / preset.hidden) * hidden,
    vocabSize: axis === 'V' ? value : preset.vocabSize,
    sequenceLength,
    batchSize: Math.max(1, Math.round(batchTokens / sequenceLength)),
  };
}
