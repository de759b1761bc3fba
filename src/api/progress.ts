import type { StepsReport } from '../train/index.js';
import type { ProgressEvent } from './types.js';

/** Share of a new step in the smoothed loss and accuracy. */
const SMOOTHING = 0.05;

/** What steps are, and what the machine could do. */
export interface RunSize {
  /** Tokens of the first `steps` steps. */
  readonly tokensOf: (steps: number) => number;
  /** Floating-point operations. */
  readonly flopsPerToken: number;
  /** Floating-point operations a second of the machine's matrix product, where it was measured. */
  readonly peak?: number | undefined;
}

/** Turns what the loop reports into progress events, smoothed over recent steps; skipped ones are only counted. */
export class ProgressReporter {
  private loss: number | undefined;
  private accuracy = 0;
  private skipped = 0;

  constructor(
    private readonly size: RunSize,
    private readonly report: (event: ProgressEvent) => void,
    private readonly lastCheckpoint?: () => Pick<ProgressEvent, 'lastCheckpointStep'>,
  ) {}

  update(steps: StepsReport): void {
    for (const [index, loss] of steps.lossNats.entries()) {
      if (!steps.skipped.includes(index)) this.take(loss, steps.accuracy[index] ?? 0);
    }
    this.skipped += steps.skipped.length;
    const { tokensOf, flopsPerToken, peak } = this.size;
    const tokensPerSecond = (1000 * tokensOf(steps.step)) / steps.elapsedMs;
    const msPerStep = steps.elapsedMs / steps.step;
    this.report({
      type: 'progress',
      step: steps.step,
      totalSteps: steps.totalSteps,
      lossNats: this.loss ?? Number.NaN,
      maskedAccuracy: this.accuracy,
      tokensPerSecond,
      ...(peak === undefined ? {} : { shareOfPeak: (flopsPerToken * tokensPerSecond) / peak }),
      learningRate: steps.learningRate,
      gradientNorm: steps.gradientNorm.at(-1) ?? Number.NaN,
      memoryBytes: process.memoryUsage.rss(),
      ...(this.skipped === 0 ? {} : { skippedSteps: this.skipped }),
      ...this.lastCheckpoint?.(),
      elapsedMs: steps.elapsedMs,
      remainingMs: (steps.totalSteps - steps.step) * msPerStep,
    });
  }

  private take(loss: number, accuracy: number): void {
    const smoothed = (old: number, now: number) =>
      this.loss === undefined ? now : old + SMOOTHING * (now - old);
    this.accuracy = smoothed(this.accuracy, accuracy);
    this.loss = smoothed(this.loss ?? loss, loss);
  }
}
