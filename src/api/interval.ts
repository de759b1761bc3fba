/** How often something is done: every so many steps, or every so many milliseconds of training. */
export type Interval = { readonly steps: number } | { readonly ms: number };

/** A moment of a run. */
export interface Moment {
  readonly step: number;
  readonly elapsedMs: number;
}

/** Whether an interval ends between two moments; steps are counted from the beginning of the run. */
export function isDue(interval: Interval, since: Moment, now: Moment): boolean {
  if ('ms' in interval) return now.elapsedMs - since.elapsedMs >= interval.ms;
  return Math.floor(now.step / interval.steps) > Math.floor(since.step / interval.steps);
}
