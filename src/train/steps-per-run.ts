import { type LanguageModel, parameterCount } from '../model/index.js';
import { stepFlops } from './flops.js';
import type { StepShape } from './step.js';

/** Rough speeds, for a plan that is the same on every machine: of the arithmetic, and of copying state out of a run. */
const FLOPS_PER_SECOND = 1.5e11;
const BYTES_PER_SECOND = 1.2e9;

/** A parameter and its two moments in float32. */
const STATE_BYTES_PER_PARAMETER = 12;

/** The share of the time that copies may take, the longest a program run should take, and the most steps in one. */
const COPY_SHARE = 0.01;
const LONGEST_RUN_SECONDS = 5;
const MOST_STEPS = 32;

/**
 * K: how many optimizer steps one run of the program does. The state is copied out after each run, so more steps are
 * faster; but progress, interruption and checkpoints wait for the run's end. The numbers of a training do not depend on it.
 */
export function planStepsPerRun(model: LanguageModel, shape: StepShape): number {
  const stepSeconds = stepFlops(model, shape) / FLOPS_PER_SECOND;
  const copySeconds = (STATE_BYTES_PER_PARAMETER * parameterCount(model.parameters)) / BYTES_PER_SECOND;
  const wanted = Math.ceil(copySeconds / (COPY_SHARE * stepSeconds));
  const patience = Math.floor(LONGEST_RUN_SECONDS / stepSeconds);
  return Math.max(1, Math.min(wanted, patience, MOST_STEPS));
}
