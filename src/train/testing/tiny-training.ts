import { RandomPurpose, RandomStream } from '../../core/index.js';
import type { Batch } from '../../data/index.js';
import { initialParameters, type ModernBertConfig, modernBert } from '../../model/index.js';
import type { Engine } from '../../runtime/index.js';
import { trainingStep } from '../step.js';
import type { TrainingRun } from '../training-run.js';

const config = {
  vocabSize: 50,
  hiddenSize: 16,
  numHiddenLayers: 1,
  numAttentionHeads: 2,
  intermediateSize: 16,
  hiddenActivation: 'relu2' as const,
  classifierActivation: 'gelu' as const,
  maxPositionEmbeddings: 16,
  normEps: 1e-5,
  ropeTheta: 10_000,
  attentionBias: true,
  classifierBias: true,
  initializerRange: 0.02,
  padTokenId: 0,
  clsTokenId: 2,
  sepTokenId: 3,
  maskTokenId: 4,
} satisfies ModernBertConfig;
const shape = { batchSize: 2, sequenceLength: 16, predictions: 4 };
const defaultAdamW = { beta1: 0.9, beta2: 0.98, epsilon: 1e-8, weightDecay: 0.01 };

/** Two rows of successors with two masks each, by the number of the step. */
export function batchAt(step: number): Batch {
  const random = new RandomStream(0, RandomPurpose.masking, step);
  const inputIds = Int32Array.from({ length: 32 }, (_, index) => 5 + ((index + step) % 45));
  const positions = Int32Array.from({ length: 4 }, (_, index) => index * 8 + 1 + random.nextInt(7));
  const labels = positions.map((position) => inputIds[position] as number);
  for (const position of positions) inputIds[position] = 4;
  return { inputIds, positions, labels, weights: new Float32Array(4).fill(1), maskedCount: 4 };
}

export interface TinyOptions extends Partial<Omit<TrainingRun, 'optimizer'>> {
  readonly optimizer?: 'adamw' | 'muon';
  readonly adamW?: TrainingRun['optimizer'];
  readonly layers?: number;
  readonly recomputes?: boolean;
}

/** A run of 22 steps that takes a moment. */
export function tinyTraining(
  engine: Engine,
  { optimizer, adamW = defaultAdamW, layers = 1, recomputes = false, ...overrides }: TinyOptions,
): TrainingRun {
  const model = modernBert.of({ ...config, numHiddenLayers: layers });
  const muon = optimizer === 'muon' ? { muon: { momentum: 0.95 } } : {};
  const { maxGradientNorm = 1 } = overrides;
  const options = { maxGradientNorm, specialIds: [0, 1, 2, 3, 4], recomputes, ...muon };
  return {
    engine,
    step: trainingStep(model, overrides.shape ?? shape, options),
    shape,
    initial: initialParameters(model, { seed: 1 }),
    batchAt,
    optimizer: adamW,
    maxGradientNorm,
    schedule: { peak: 1e-2, warmupSteps: 5, decayShare: 0.5 },
    budget: { steps: 22 },
    stepsPerRun: 4,
    ...overrides,
  };
}
