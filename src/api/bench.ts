import { cpus, totalmem } from 'node:os';
import { Engine } from '../runtime/index.js';
import { stepFlops } from '../train/index.js';
import { type Measured, measured } from './measured.js';
import { PRESETS, type Preset, type PresetName } from './presets.js';
import { sgemmMeter } from './sgemm-meter.js';
import { stepModel, stepsPerMeasurement, trainingMeter } from './step-meter.js';

export interface BenchOptions {
  readonly preset: PresetName;
  /** T; 128 unless told. */
  readonly sequenceLength?: number;
  /** Sequences of an optimizer step; as many as hold the preset's tokens unless told. */
  readonly batchSize?: number;
  /** Sequences computed at once; a divisor of `batchSize`. */
  readonly microBatchSize?: number;
  /** Computes layers anew for the backward pass, as `lacuna train --recompute` does. */
  readonly recompute?: boolean;
  /** Interleaved measurements of the limit and of training; the medians are reported. */
  readonly repetitions?: number;
  readonly threads?: number;
  readonly onProgress?: (line: string) => void;
}

export interface BenchResult {
  readonly preset: PresetName;
  readonly sequenceLength: number;
  readonly batchTokens: number;
  readonly microBatchTokens: number;
  readonly tokensPerSecond: number;
  readonly gflopsEffective: number;
  readonly gflopsSgemm: number;
  /** gflopsEffective / gflopsSgemm, by pairs measured one after the other. */
  readonly ratio: number;
  readonly ratioSpread: Measured;
  /** Largest resident memory of the process so far. */
  readonly peakRssBytes: number;
}

export interface BenchMachine {
  readonly cpu: string;
  readonly cores: number;
  readonly threads: number;
  readonly memoryBytes: number;
}

const DEFAULT_REPETITIONS = 7;

/**
 * Measures whole training steps (masking and batching, forward, backward, clipping, AdamW, copies of state) beside the
 * machine's own matrix product through the same runtime, in turn, so that both see the same machine.
 */
export async function bench(options: BenchOptions): Promise<BenchResult> {
  const preset: Preset = PRESETS[options.preset];
  const sequenceLength = options.sequenceLength ?? 128;
  const batchSize = options.batchSize ?? Math.max(1, Math.round(preset.batchTokens / sequenceLength));
  const { microBatchSize, recompute: recomputes = false } = options;
  const sizes = {
    ...{ ...preset, sequenceLength, batchSize, recomputes },
    ...(microBatchSize ? { microBatchSize } : {}),
  };
  const model = stepModel(sizes);
  const { language, shape } = model;
  const engine = new Engine(options.threads === undefined ? {} : { threads: options.threads });
  try {
    const limit = await sgemmMeter(engine);
    const trainer = trainingMeter(engine, model);
    const steps = stepsPerMeasurement((await trainer(1)).msPerStep);
    const pairs: { limit: number; effective: number; msPerStep: number }[] = [];
    for (let repetition = 0; repetition < (options.repetitions ?? DEFAULT_REPETITIONS); repetition++) {
      const before = await limit();
      const { msPerStep } = await trainer(steps);
      const after = await limit();
      const effective = stepFlops(language, shape) / msPerStep / 1e6;
      pairs.push({ limit: (before + after) / 2, effective, msPerStep });
      options.onProgress?.(`${effective.toFixed(1)} of ${((before + after) / 2).toFixed(1)} GFLOP/s`);
    }
    const msPerStep = measured(pairs.map((pair) => pair.msPerStep)).median;
    const ratioSpread = measured(pairs.map((pair) => pair.effective / pair.limit));
    return {
      preset: options.preset,
      sequenceLength,
      batchTokens: batchSize * sequenceLength,
      microBatchTokens: shape.batchSize * sequenceLength,
      tokensPerSecond: (1000 * batchSize * sequenceLength) / msPerStep,
      gflopsEffective: measured(pairs.map((pair) => pair.effective)).median,
      gflopsSgemm: measured(pairs.map((pair) => pair.limit)).median,
      ratio: ratioSpread.median,
      ratioSpread,
      peakRssBytes: process.resourceUsage().maxRSS * 1024,
    };
  } finally {
    await engine.close();
  }
}

/** The machine that a benchmark ran on. */
export function benchMachine(threads?: number): BenchMachine {
  const processors = cpus();
  return {
    cpu: processors[0]?.model ?? 'unknown',
    cores: processors.length,
    threads: threads ?? processors.length,
    memoryBytes: totalmem(),
  };
}
