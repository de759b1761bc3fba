import { type Chart, renderCharts } from '../plot/index.js';
import { Engine } from '../runtime/index.js';
import { stepFlops } from '../train/index.js';
import { attentionMs } from './attention-meter.js';
import { GROWTH_AXES, type GrowthAxis, type GrowthSizes, growthSizes } from './growth-sizes.js';
import { measured } from './measured.js';
import { PRESETS, type PresetName } from './presets.js';
import { sgemmMeter } from './sgemm-meter.js';
import {
  type StepModel,
  type StepSizes,
  stepModel,
  stepPlan,
  stepsPerMeasurement,
  trainingMeter,
} from './step-meter.js';

export interface GrowthOptions {
  /** The model around which one size at a time grows. */
  readonly preset: PresetName;
  /** All of them unless told. */
  readonly axes?: readonly GrowthAxis[];
  /** Rounds over all points; the medians are reported. */
  readonly repetitions?: number;
  readonly threads?: number;
  readonly onProgress?: (line: string) => void;
}

/** What a step costs at one point of the profile. */
export interface GrowthPoint extends StepSizes {
  readonly axis: GrowthAxis;
  /** The size that grows along the axis. */
  readonly value: number;
  readonly msPerStep: number;
  readonly tokensPerSecond: number;
  /** Microseconds a token of a whole training step, and of its attention alone. */
  readonly microsecondsPerToken: number;
  readonly attentionMicrosecondsPerToken: number;
  /** Microseconds a token that the needed matrix products alone take at the speed of sgemm. */
  readonly limitMicrosecondsPerToken: number;
}

export interface GrowthProfile {
  readonly preset: PresetName;
  readonly gflopsSgemm: number;
  readonly points: readonly GrowthPoint[];
}

const DEFAULT_REPETITIONS = 3;

/**
 * Measures whole training steps while one size at a time grows around a preset, in rounds over all points, so that what
 * slows the machine for a while slows all of them.
 */
export async function growth(options: GrowthOptions): Promise<GrowthProfile> {
  const { preset, repetitions = DEFAULT_REPETITIONS } = options;
  const places = growthSizes(PRESETS[preset], options.axes ?? GROWTH_AXES);
  const engine = new Engine(options.threads === undefined ? {} : { threads: options.threads });
  try {
    const limit = await sgemmMeter(engine);
    const limits: number[] = [];
    const samples = places.map((): Sample[] => []);
    for (let round = 0; round < repetitions; round++) {
      for (const [index, place] of places.entries()) {
        limits.push(await limit());
        const sample = await measurePoint(engine, stepModel(place.sizes));
        samples[index]?.push(sample);
        options.onProgress?.(
          `${round + 1}/${repetitions} ${place.axis} ${place.value}: ${sample.msPerStep.toFixed(1)} ms a step, attention ${sample.attentionMs.toFixed(1)} ms`,
        );
      }
    }
    const gflopsSgemm = measured(limits).median;
    const points = places.map((place, index) => summarise(place, samples[index] ?? [], gflopsSgemm));
    return { preset, gflopsSgemm, points };
  } finally {
    await engine.close();
  }
}

interface Sample {
  readonly msPerStep: number;
  readonly attentionMs: number;
}

async function measurePoint(engine: Engine, model: StepModel): Promise<Sample> {
  const meter = trainingMeter(engine, model);
  const { msPerStep } = await meter(stepsPerMeasurement((await meter(1)).msPerStep));
  return { msPerStep, attentionMs: await attentionMs(engine, model) };
}

function summarise(
  { axis, value, sizes }: GrowthSizes,
  samples: readonly Sample[],
  gflops: number,
): GrowthPoint {
  const { language, shape } = stepPlan(sizes);
  const tokens = sizes.batchSize * sizes.sequenceLength;
  const msPerStep = measured(samples.map((sample) => sample.msPerStep)).median;
  const attention = measured(samples.map((sample) => sample.attentionMs)).median;
  return {
    ...sizes,
    axis,
    value,
    msPerStep,
    tokensPerSecond: (1000 * tokens) / msPerStep,
    microsecondsPerToken: (1000 * msPerStep) / tokens,
    attentionMicrosecondsPerToken: (1000 * attention) / tokens,
    limitMicrosecondsPerToken: stepFlops(language, shape) / gflops / 1000 / tokens,
  };
}

const AXIS_LABELS: Readonly<Record<GrowthAxis, string>> = {
  T: 'T: tokens in a sequence',
  L: 'L: layers',
  H: 'H: width',
  V: 'V: vocabulary',
  batch: 'tokens in a step',
};

/** The profile as an SVG document: a panel for each axis, microseconds a token over the size that grows. */
export function growthChart({ preset, points }: GrowthProfile): string {
  const axes = GROWTH_AXES.filter((axis) => points.some((point) => point.axis === axis));
  return renderCharts(
    axes.map((axis): Chart => {
      const own = points.filter((point) => point.axis === axis);
      const line = (label: string, pick: (point: GrowthPoint) => number, dashed = false) => ({
        label,
        points: own.map((point) => [point.value, pick(point)] as const),
        dashed,
      });
      return {
        title: `${preset}: cost of a token as ${axis === 'batch' ? 'the batch' : axis} grows`,
        xLabel: AXIS_LABELS[axis],
        yLabel: 'microseconds a token',
        xScale: 'log',
        series: [
          line('step', (point) => point.microsecondsPerToken),
          line('all else', (point) => point.microsecondsPerToken - point.attentionMicrosecondsPerToken),
          line('attention', (point) => point.attentionMicrosecondsPerToken),
          line('limit', (point) => point.limitMicrosecondsPerToken, true),
        ],
      };
    }),
  );
}
