/** The training loop: one step as graph, its schedule, and the run of a budget. */

export { stepFlops } from './flops.js';
export {
  runTraining,
  type StepsReport,
  type TrainingOutcome,
  type TrainingRun,
} from './loop.js';
export { type MicroBatching, planMicroBatches } from './micro-batches.js';
export { defaultRecipe, type Recipe } from './recipe.js';
export { decayStart, learningRateAt, type ScheduleOptions, type SchedulePlan } from './schedule.js';
export { type StepOptions, type StepShape, trainingStep } from './step.js';
export type { Budget, PlanChange } from './step-plan.js';
export { planStepsPerRun } from './steps-per-run.js';
export { type EpochReport, runTuning, type TuningOutcome, type TuningRun } from './tuning.js';
export { type TuningStepOptions, tuningStep } from './tuning-step.js';
