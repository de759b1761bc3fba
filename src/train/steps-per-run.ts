import type { LanguageModel } from '../model/index.js';
import { stepFlops } from './flops.js';
import type { StepShape } from './step.js';

/** A rough speed of the arithmetic, for a plan that is the same on every machine. */
const FLOPS_PER_SECOND = 1e11;

/** About how long the steps of one go should take, and the most of them. */
const RUN_SECONDS = 0.5;
const MOST_STEPS = 32;

/**
 * K: how many optimizer steps are done in one go. More of them save messages between threads; but progress, interruption
 * and checkpoints wait for their end. The numbers of a training do not depend on it.
 */
export function planStepsPerRun(model: LanguageModel, shape: StepShape): number {
  const stepSeconds = stepFlops(model, shape) / FLOPS_PER_SECOND;
  return Math.max(1, Math.min(Math.floor(RUN_SECONDS / stepSeconds), MOST_STEPS));
}
