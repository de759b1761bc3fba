import type { Batch } from '../data/index.js';
import type { AdamWOptions, StepSpec } from '../graph/index.js';
import type { ParameterValues } from '../model/index.js';
import type { Engine } from '../runtime/index.js';
import type { TrainingHooks } from './between-steps.js';
import type { ScheduleOptions } from './schedule.js';
import type { StepShape } from './step.js';
import type { Budget } from './step-plan.js';
import type { StepsReport } from './steps-report.js';

/** Steps of one shape, and their batches. */
export interface StepSource {
  readonly step: StepSpec;
  readonly shape: StepShape;
  /** The micro-batch of a number, N to a step counted from the run's first: a pure function of it. */
  readonly batchAt: (index: number) => Batch;
}

/** The steps before `untilStep`, from where a stage before ends; they keep the state that all steps of a run do. */
export interface TrainingStage extends StepSource {
  readonly untilStep: number;
}

/** One training run: everything its numbers depend on. `step`, `shape` and `batchAt` are those behind its stages. */
export interface TrainingRun extends StepSource {
  readonly engine: Engine;
  readonly initial: ParameterValues;
  /** Stages of other shapes that the run begins with, in order. */
  readonly stages?: readonly TrainingStage[];
  readonly optimizer: AdamWOptions;
  /** Largest global gradient norm; gradients are scaled down to it. */
  readonly maxGradientNorm: number;
  readonly schedule: ScheduleOptions;
  readonly budget: Budget;
  /** K: optimizer steps done in one go, between which nobody looks. */
  readonly stepsPerRun: number;
  /** When aborted, the run ends after the steps under way. */
  readonly signal?: AbortSignal;
  readonly onSteps?: (report: StepsReport) => void;
  readonly hooks?: TrainingHooks;
  /** Sees the parameters now and then; batches already made ahead, K steps at most, do not wait for it. */
  readonly watch?: ParameterWatch | undefined;
}

/** Something that looks at the parameters of a run under way, and that the run waits for. */
export interface ParameterWatch {
  /** Steps between looks, at least K. */
  readonly every: number;
  look(step: number, parameters: ParameterValues): Promise<void>;
}
