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

/** How long a run is, and where its decay begins. */
export interface SchedulePlan {
  readonly totalSteps: number;
  /** The first step of the decay. */
  readonly decayStart: number;
}

/** Learning rate at `step` (counted from 0) of a run; without a plan, while its length is open, there is no decay. */
export function learningRateAt(
  step: number,
  plan: SchedulePlan | undefined,
  { peak, warmupSteps }: ScheduleOptions,
): number {
  const warmup = Math.min(1, (step + 1) / (warmupSteps + 1));
  if (!plan || step < plan.decayStart) return peak * warmup;
  const decay = Math.max(0, plan.totalSteps - step) / (plan.totalSteps - plan.decayStart + 1);
  return peak * Math.min(warmup, decay);
}
