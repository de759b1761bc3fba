import type { AdamWOptions, MuonOptions } from '../graph/index.js';
import type { Activation } from '../model/index.js';
import type { Ramp } from './ramps.js';
import type { ScheduleOptions } from './schedule.js';

/** Everything that a training run chooses, apart from its data. Measured choices: docs/log.md. */
export interface Recipe {
  /** `model_type` of the family; ModernBERT with this recipe's own choices unless told. */
  readonly family?: string;
  /** L */
  readonly layers: number;
  /** H */
  readonly hidden: number;
  /** A */
  readonly heads: number;
  /** F */
  readonly feedForward: number;
  readonly activation: Activation;
  readonly headActivation: Activation;
  readonly vocabSize: number;
  /** T */
  readonly sequenceLength: number;
  /** Sequences of an optimizer step. */
  readonly batchSize: number;
  /** B: sequences computed at once, a divisor of `batchSize`; by size unless told. */
  readonly microBatchSize?: number;
  /** Fewer sequences a step at first. */
  readonly batchRamp?: Ramp;
  /** Shorter sequences at first, more of them a step. */
  readonly lengthRamp?: Ramp;
  /** Computes every layer anew for the backward pass: less memory, about a third more operations. */
  readonly recomputes?: boolean;
  readonly maskRate: number;
  readonly schedule: ScheduleOptions;
  readonly optimizer: AdamWOptions;
  /** Muon for the hidden matrices, AdamW for the rest. */
  readonly muon?: MuonOptions | undefined;
  readonly maxGradientNorm: number;
  readonly ropeTheta: number;
  readonly initializerRange: number;
  /** Relative positions that the heads of the first block look at from the start. */
  readonly neighbourOffsets: readonly number[];
  /** Whether embeddings and neighbour heads start from the training split's counts. */
  readonly startsFromCounts: boolean;
}

/** What updates the hidden matrices; embeddings, gains and biases always have AdamW. */
export type OptimizerName = 'adamw' | 'muon';

/** Decay of Muon's momentum. */
export const MUON_MOMENTUM = 0.95;

/** The recipe for a budget of minutes on a few cores. */
export const defaultRecipe: Recipe = {
  layers: 2,
  hidden: 128,
  heads: 2,
  feedForward: 256,
  activation: 'relu2',
  headActivation: 'linear',
  vocabSize: 4096,
  sequenceLength: 128,
  batchSize: 16,
  maskRate: 0.3,
  schedule: { peak: 4e-3, warmupSteps: 50, decayShare: 0.5 },
  optimizer: { beta1: 0.9, beta2: 0.98, epsilon: 1e-8, weightDecay: 0.01 },
  maxGradientNorm: 1,
  ropeTheta: 10_000,
  initializerRange: 0.02,
  neighbourOffsets: [1, -1, 2, -2],
  startsFromCounts: true,
};
