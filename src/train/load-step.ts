import { type AdamWOptions, compileStep, GRADIENT, momentName, NEXT, type StepSpec } from '../graph/index.js';
import type { Engine, LoadedProgram } from '../runtime/index.js';

/** How the optimizer of a step is set up: what does not change from step to step. */
export interface StepOptimizer {
  readonly optimizer: AdamWOptions;
  /** Largest global gradient norm; gradients are scaled down to it. */
  readonly maxGradientNorm: number;
}

/** Compiles a step of training and loads it with its optimizer; its state is still to be written. */
export function loadStep(
  engine: Engine,
  step: StepSpec,
  { optimizer: { beta1, beta2 }, maxGradientNorm }: StepOptimizer,
): Promise<LoadedProgram> {
  const updates = step.descents.map(({ name, gradient, decays }) => ({
    parameter: name,
    first: momentName(name, 'first'),
    second: momentName(name, 'second'),
    gradient: `${name}${GRADIENT}`,
    shape: gradient.shape,
    decays,
  }));
  return engine.load(compileStep(step), {
    carried: Object.fromEntries([...step.successors.keys()].map((name) => [`${name}${NEXT}`, name])),
    adamW: { beta1, beta2, updates, maxGradientNorm, norm: 'gradientNorm' },
  });
}
