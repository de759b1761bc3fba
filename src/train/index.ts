/** The training loop: one step as graph, its schedule, and the run of a budget. */

export type { BetweenSteps, ResumePoint, TrainingHooks, TrainingState, Verdict } from './between-steps.js';
export { stepFlops } from './flops.js';
export { runTraining, type TrainingOutcome } from './loop.js';
export { isCalm, LossGuard, type LossGuardState } from './loss-guard.js';
export { type MaskingWatchOptions, maskingWatch } from './masking-watch.js';
export { type MicroBatching, planMicroBatches } from './micro-batches.js';
export { parametersOf } from './pieces.js';
export {
  defaultHeads,
  type FixedChoices,
  type PlanningFacts,
  planTraining,
  type TrainingPlan,
} from './planner.js';
export { type Ramp, rampStages, type Stage, tokensOf } from './ramps.js';
export { defaultRecipe, MUON_MOMENTUM, type OptimizerName, type Recipe } from './recipe.js';
export { decayStart, learningRateAt, type ScheduleOptions, type SchedulePlan } from './schedule.js';
export { type StepOptions, type StepShape, trainingStep } from './step.js';
export type { Budget, PlanChange } from './step-plan.js';
export { planStepsPerRun } from './steps-per-run.js';
export type { StepsReport } from './steps-report.js';
export type { ParameterWatch, StepSource, TrainingRun, TrainingStage } from './training-run.js';
export { type EpochReport, runTuning, type TuningOutcome, type TuningRun } from './tuning.js';
export { type TuningStepOptions, tuningStep } from './tuning-step.js';
