import type { StepsReport } from './steps-report.js';

/** What a guard remembers, as JSON, so that a resumed run decides as the uninterrupted one would. */
export interface LossGuardState {
  /** Smoothed loss, nats, and its smoothed squared deviation; null before the first step. */
  readonly mean: number | null;
  readonly variance: number;
  readonly seen: number;
  /** Steps in a row without a finite loss and gradient. */
  readonly skippedInARow: number;
  /** Steps in a row far above the smoothed loss. */
  readonly highInARow: number;
  readonly skipped: number;
}

const FRESH: LossGuardState = {
  mean: null,
  variance: 0,
  seen: 0,
  skippedInARow: 0,
  highInARow: 0,
  skipped: 0,
};

/** Weight of a new step in the smoothed loss. */
const SMOOTHING = 0.02;
/** Steps before a high loss means anything. */
const SETTLING_STEPS = 50;
/** A loss is high when it lies this many standard deviations, and this many nats, above the smoothed one. */
const HIGH_DEVIATIONS = 6;
const HIGH_NATS = 1;
/** High losses in a row that are a divergence rather than a hard batch. */
const HIGH_STEPS = 20;
/** Skipped steps in a row that are a divergence rather than a bad batch. */
const SKIPPED_STEPS = 5;

/** Whether the last step was as usual: a checkpoint of another moment may already hold what a run should go back from. */
export function isCalm({ skippedInARow, highInARow }: LossGuardState): boolean {
  return skippedInARow === 0 && highInARow === 0;
}

/** Watches the loss of every step: a pure function of the steps seen. */
export class LossGuard {
  constructor(private current: LossGuardState = FRESH) {}

  get state(): LossGuardState {
    return this.current;
  }

  /** Takes note of steps; a text says why the run should go back, undefined that all is well. */
  observe({ lossNats, skipped }: Pick<StepsReport, 'lossNats' | 'skipped'>): string | undefined {
    for (const [index, loss] of lossNats.entries()) {
      this.current = skipped.includes(index) ? this.skip() : this.take(loss);
      if (this.current.skippedInARow >= SKIPPED_STEPS) {
        return `${SKIPPED_STEPS} steps in a row had a loss or gradient that is not finite`;
      }
      if (this.current.highInARow >= HIGH_STEPS) {
        const usual = (this.current.mean ?? 0).toFixed(2);
        return `${HIGH_STEPS} steps in a row had a loss far above the usual ${usual} nats, the last ${loss.toFixed(2)}`;
      }
    }
    return undefined;
  }

  /** Begins to count rows anew: the run went back. */
  forget(): void {
    this.current = { ...this.current, skippedInARow: 0, highInARow: 0 };
  }

  private skip(): LossGuardState {
    const { skippedInARow, skipped } = this.current;
    return { ...this.current, skippedInARow: skippedInARow + 1, skipped: skipped + 1 };
  }

  /** High losses do not enter the smoothed loss, or it would follow a divergence. */
  private take(loss: number): LossGuardState {
    const { mean, variance, seen, highInARow } = this.current;
    const state = { ...this.current, seen: seen + 1, skippedInARow: 0 };
    const above = loss - (mean ?? loss);
    if (seen >= SETTLING_STEPS && above > Math.max(HIGH_NATS, HIGH_DEVIATIONS * Math.sqrt(variance))) {
      return { ...state, highInARow: highInARow + 1 };
    }
    return {
      ...state,
      highInARow: 0,
      mean: (mean ?? loss) + SMOOTHING * above,
      variance: variance + SMOOTHING * (above * above - variance),
    };
  }
}
