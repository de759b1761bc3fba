import { decayStart, type ScheduleOptions, type SchedulePlan } from './schedule.js';

/** What ends a run: a number of steps, a time, or the plan that an earlier run came to, which repeats it. */
export type Budget =
  | { readonly steps: number }
  | { readonly ms: number }
  | { readonly plan: readonly PlanChange[] };

/** The plan that holds from a step on. */
export interface PlanChange extends SchedulePlan {
  readonly fromStep: number;
}

/** A new estimate of the remaining steps replaces the plan when it differs by this share of the decay. */
const TOLERANCE = 0.02;

/** Weight of the latest program run in the smoothed time of a step. */
const SMOOTHING = 0.3;

/**
 * How many steps a run has and where its decay begins. With a time budget this is found on the way: the decay begins
 * when its share of the time is left, and its length follows the speed of the machine, so that the rate reaches zero as
 * the time runs out. `changes` is the course it took.
 */
export class StepPlan {
  readonly changes: PlanChange[] = [];
  private msPerStep = 0;
  private measuredStep = 0;
  private measuredMs = 0;

  /** `course` is what a resumed run came to before. */
  constructor(
    private readonly budget: Budget,
    private readonly schedule: ScheduleOptions,
    course: readonly PlanChange[] = [],
  ) {
    this.changes.push(...course);
    if ('steps' in budget && course.length === 0) {
      const { steps } = budget;
      this.changes.push({ fromStep: 0, totalSteps: steps, decayStart: decayStart(steps, schedule) });
    }
  }

  /** The plan that holds now; undefined while a time budget is open. */
  get current(): SchedulePlan | undefined {
    return this.changes.at(-1);
  }

  /** Takes note of the time that `step` steps took, and says how many remain (infinitely many while that is open). */
  remaining(step: number, elapsedMs: number): number {
    if ('ms' in this.budget) this.follow(step, elapsedMs, this.budget.ms);
    if ('plan' in this.budget) this.repeat(step, this.budget.plan);
    return (this.current?.totalSteps ?? Number.POSITIVE_INFINITY) - step;
  }

  /** Steps of the whole run, as far as they can be told now. */
  estimate(step: number, elapsedMs: number): number {
    if (this.current) return this.current.totalSteps;
    if (!('ms' in this.budget)) return step;
    return Math.max(step, Math.round((step * this.budget.ms) / Math.max(elapsedMs, 1)));
  }

  private follow(step: number, elapsedMs: number, budgetMs: number): void {
    if (step === 0) return;
    this.measure(step, elapsedMs);
    const { current } = this;
    if (!current && elapsedMs < budgetMs * (1 - this.schedule.decayShare)) return;
    const estimate = step + Math.max(current ? 0 : 1, Math.round((budgetMs - elapsedMs) / this.msPerStep));
    const start = current?.decayStart ?? step;
    const isClose =
      current && Math.abs(estimate - current.totalSteps) <= TOLERANCE * (current.totalSteps - start);
    if (!isClose) this.changes.push({ fromStep: step, totalSteps: estimate, decayStart: start });
  }

  private measure(step: number, elapsedMs: number): void {
    const latest = (elapsedMs - this.measuredMs) / Math.max(1, step - this.measuredStep);
    this.msPerStep = this.msPerStep === 0 ? latest : this.msPerStep + SMOOTHING * (latest - this.msPerStep);
    this.measuredStep = step;
    this.measuredMs = elapsedMs;
  }

  private repeat(step: number, plan: readonly PlanChange[]): void {
    for (const change of plan.slice(this.changes.length)) {
      if (change.fromStep <= step) this.changes.push(change);
    }
  }
}
