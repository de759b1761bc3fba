import type { StepsReport } from '../train/index.js';
import type { ProgressEvent } from './types.js';

/** Share of a new step in the smoothed loss and accuracy. */
const SMOOTHING = 0.05;

/** What a step is, and what the machine could do. */
export interface StepSize {
  readonly tokens: number;
  /** Floating-point operations. */
  readonly flops: number;
  /** Floating-point operations a second of the machine's matrix product, where it was measured. */
  readonly peak?: number | undefined;
}

/** Turns what the loop reports into progress events, smoothed over recent steps; skipped ones are only counted. */
export class ProgressReporter {
  private loss: number | undefined;
  private accuracy = 0;
  private skipped = 0;

  constructor(
    private readonly step: StepSize,
    private readonly report: (event: ProgressEvent) => void,
    private readonly lastCheckpoint?: () => Pick<ProgressEvent, 'lastCheckpointStep'>,
  ) {}

  update(steps: StepsReport): void {
    for (const [index, loss] of steps.lossNats.entries()) {
      if (!steps.skipped.includes(index)) this.take(loss, steps.accuracy[index] ?? 0);
    }
    this.skipped += steps.skipped.length;
    const { tokens, flops, peak } = this.step;
    const stepsPerSecond = (1000 * steps.step) / steps.elapsedMs;
    this.report({
      type: 'progress',
      step: steps.step,
      totalSteps: steps.totalSteps,
      lossNats: this.loss ?? Number.NaN,
      maskedAccuracy: this.accuracy,
      tokensPerSecond: tokens * stepsPerSecond,
      ...(peak === undefined ? {} : { shareOfPeak: (flops * stepsPerSecond) / peak }),
      learningRate: steps.learningRate,
      gradientNorm: steps.gradientNorm.at(-1) ?? Number.NaN,
      memoryBytes: process.memoryUsage.rss(),
      ...(this.skipped === 0 ? {} : { skippedSteps: this.skipped }),
      ...this.lastCheckpoint?.(),
      elapsedMs: steps.elapsedMs,
      remainingMs: (1000 * (steps.totalSteps - steps.step)) / stepsPerSecond,
    });
  }

  private take(loss: number, accuracy: number): void {
    const smoothed = (old: number, now: number) =>
      this.loss === undefined ? now : old + SMOOTHING * (now - old);
    this.accuracy = smoothed(this.accuracy, accuracy);
    this.loss = smoothed(this.loss ?? loss, loss);
  }
}
