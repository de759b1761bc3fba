/** Shape of the learning rate over a run: linear warm-up, a constant stretch, linear decay to zero. */
export interface ScheduleOptions {
  readonly peak: number;
  /** Steps of warm-up. */
  readonly warmupSteps: number;
  /** Share of all steps that the final decay takes, in (0, 1]. */
  readonly decayShare: number;
}

/** First step of the decay in a run of `totalSteps`. */
export function decayStart(totalSteps: number, options: ScheduleOptions): number {
  return Math.floor(totalSteps * (1 - options.decayShare));
}

/**
 * Steps of a run whose decay begins at `step`: the inverse of `decayStart`. A run with a time budget fixes its length
 * by this at the moment its decay must begin, so that the same number of steps, asked for outright, repeats it bit
 * for bit.
 */
export function totalStepsFrom(step: number, options: ScheduleOptions): number {
  return Math.max(step + 1, Math.ceil(step / (1 - options.decayShare)));
}

/** Learning rate at `step` (counted from 0) of `totalSteps`; before the length is known, pass Infinity. */
export function learningRateAt(step: number, totalSteps: number, options: ScheduleOptions): number {
  const { peak, warmupSteps } = options;
  const warmup = Math.min(1, (step + 1) / (warmupSteps + 1));
  if (!Number.isFinite(totalSteps)) return peak * warmup;
  const start = decayStart(totalSteps, options);
  const decay = step < start ? 1 : (totalSteps - step) / (totalSteps - start + 1);
  return peak * Math.min(warmup, decay);
}
