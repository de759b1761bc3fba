import type { ParameterValues } from '../model/index.js';
import type { TensorValue } from '../runtime/index.js';
import type { PlanChange } from './step-plan.js';
import type { StepsReport } from './steps-report.js';

/** Everything that a training program carries from step to step, by name, one tensor at a time. */
export type TrainingState = AsyncIterable<readonly [string, TensorValue]>;

/** A place in a run from which it goes on, bit for bit. */
export interface ResumePoint {
  /** Steps that were done. */
  readonly step: number;
  /** Training time spent so far. */
  readonly elapsedMs: number;
  /** The course of the plan so far. */
  readonly plan: readonly PlanChange[];
  /** What the learning rate is multiplied by: below 1 after a rewind. */
  readonly rateScale: number;
  /** What the run's first parameters and moments of zero are replaced by, unless it goes on from those. */
  readonly state?: TrainingState;
}

/** A run between two runs of its program. */
export interface BetweenSteps {
  readonly step: number;
  readonly elapsedMs: number;
  readonly plan: readonly PlanChange[];
  readonly rateScale: number;
  /** A copy of the state, read as it is asked for; to be used before the next steps begin. */
  state(): TrainingState;
  parameters(): Promise<ParameterValues>;
}

/** How a run goes on: as planned, not at all, or from an earlier place. */
export type Verdict =
  | { readonly kind: 'continue' }
  | { readonly kind: 'stop' }
  | { readonly kind: 'rewind'; readonly to: ResumePoint };

/** What may look at a run, and steer it, while none of its steps is under way. */
export interface TrainingHooks {
  /** Where to begin, unless at step 0. */
  readonly from?: ResumePoint;
  /** Awaited after every run of the program. */
  readonly afterSteps?: (report: StepsReport, between: BetweenSteps) => Promise<Verdict>;
  /** Awaited once, after the last step. */
  readonly atEnd?: (between: BetweenSteps, interrupted: boolean) => Promise<void>;
}
