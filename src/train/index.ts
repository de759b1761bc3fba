/** The training loop: one step as graph, its schedule, and the run of a budget. */

export { stepFlops } from './flops.js';
export {
  type Budget,
  runTraining,
  type StepsReport,
  type TrainingOutcome,
  type TrainingRun,
} from './loop.js';
export { type MicroBatching, planMicroBatches } from './micro-batches.js';
export { defaultRecipe, type Recipe } from './recipe.js';
export { decayStart, learningRateAt, type ScheduleOptions, totalStepsFrom } from './schedule.js';
export { type StepOptions, type StepShape, trainingStep } from './step.js';
