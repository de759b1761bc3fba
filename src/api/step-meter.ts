import { RandomPurpose, RandomStream } from '../core/index.js';
import { EpochOrder, makeBatch, type PackedSequences } from '../data/index.js';
import { bertPolicy } from '../masking/index.js';
import {
  initialParameters,
  type LanguageModel,
  type ModernBertConfig,
  modernBert,
  type ParameterValues,
} from '../model/index.js';
import type { Engine } from '../runtime/index.js';
import {
  defaultRecipe,
  planMicroBatches,
  runTraining,
  type StepShape,
  trainingStep,
} from '../train/index.js';
import { planBatches } from './held-out.js';

/** Sizes of a model and of its optimizer step. */
export interface StepSizes {
  /** L */
  readonly layers: number;
  /** H */
  readonly hidden: number;
  /** A */
  readonly heads: number;
  /** F */
  readonly feedForward: number;
  /** V */
  readonly vocabSize: number;
  /** T */
  readonly sequenceLength: number;
  /** Sequences of an optimizer step. */
  readonly batchSize: number;
  /** Sequences computed at once, a divisor of `batchSize`; by size unless told. */
  readonly microBatchSize?: number;
  /** Whether layers are computed anew for the backward pass. */
  readonly recomputes?: boolean;
  /** Share of the tokens that is masked, 15 % unless told. */
  readonly maskRate?: number;
}

/** A model without a corpus, and everything that a step of it needs. */
export interface StepModel {
  readonly language: LanguageModel;
  readonly shape: StepShape;
  readonly recomputes: boolean;
  readonly maskRate: number;
  /** Made-up rows; the same for the same sizes. */
  readonly data: PackedSequences;
  readonly initial: ParameterValues;
}

/** Special ids of the made-up vocabulary: [PAD] [UNK] [CLS] [SEP] [MASK]. */
export const SPECIAL_IDS = [0, 1, 2, 3, 4];
const [CLS_ID, SEP_ID, MASK_ID] = [2, 3, 4];

/** Share of the tokens that a measured step masks, as BERT does. */
export const STEP_MASK_RATE = 0.15;

const ROWS = 512;

/** A model of these sizes, and the shape of its micro-batches. */
export function stepPlan(
  sizes: StepSizes,
): Pick<StepModel, 'language' | 'shape' | 'recomputes' | 'maskRate'> {
  const { maskRate = STEP_MASK_RATE } = sizes;
  const { microBatchSize, microBatches } = planMicroBatches(sizes, sizes.microBatchSize);
  const plan = planBatches(microBatchSize, sizes.sequenceLength, maskRate);
  return {
    language: modernBert.of(stepConfig(sizes)),
    shape: { ...plan, predictions: plan.predictionsPerBatch, microBatches },
    recomputes: sizes.recomputes ?? false,
    maskRate,
  };
}

/** The model, the made-up data and the initial values that a step of these sizes is measured on. */
export function stepModel(sizes: StepSizes): StepModel {
  const plan = stepPlan(sizes);
  return {
    ...plan,
    data: madeUpData(sizes.vocabSize, sizes.sequenceLength),
    initial: initialParameters(plan.language, { seed: 0 }),
  };
}

/** Steps as they were measured. */
export interface MeteredSteps {
  readonly msPerStep: number;
  /** Of the very first step, under the initial parameters. */
  readonly initialLossNats: number;
}

/**
 * Measures training in milliseconds a step: all program runs but the first, from its end, with everything that lies
 * between. Compilation, the copies of the initial state and the last ones happen once in a training and are left out.
 * The meter takes the steps of a run and how many runs to measure (1 unless told).
 */
export function trainingMeter(
  engine: Engine,
  { language, shape, recomputes, maskRate, data, initial }: StepModel,
): (stepsPerRun: number, runs?: number) => Promise<MeteredSteps> {
  const vocabulary = { vocabSize: language.config.vocabSize, specialIds: SPECIAL_IDS, maskId: MASK_ID };
  const plan = { ...shape, predictionsPerBatch: shape.predictions };
  const order = new EpochOrder(data.count, 0);
  const options = { plan, seed: 0, vocabulary, policy: bertPolicy(maskRate) };
  const step = trainingStep(language, shape, { ...defaultRecipe, recomputes, specialIds: SPECIAL_IDS });
  return async (stepsPerRun, runs = 1) => {
    const ends: number[] = [];
    const { lossNats } = await runTraining({
      engine,
      step,
      shape,
      initial,
      batchAt: (index) => makeBatch(data, order, index, options),
      optimizer: defaultRecipe.optimizer,
      maxGradientNorm: defaultRecipe.maxGradientNorm,
      schedule: defaultRecipe.schedule,
      budget: { steps: (1 + runs) * stepsPerRun },
      stepsPerRun,
      onSteps: ({ elapsedMs }) => ends.push(elapsedMs),
    });
    const [first, last] = [ends[0], ends.at(-1)] as [number, number];
    return { msPerStep: (last - first) / (runs * stepsPerRun), initialLossNats: lossNats[0] as number };
  };
}

/** About how long one program run of a measured training takes, and the most steps in one. */
const RUN_MS = 2000;
const MAX_STEPS = 32;

/** Steps of one program run of about two seconds, from the time of one step. */
export function stepsPerMeasurement(msPerStep: number): number {
  return Math.max(2, Math.min(MAX_STEPS, Math.round(RUN_MS / msPerStep)));
}

function stepConfig(sizes: StepSizes): ModernBertConfig {
  return {
    vocabSize: sizes.vocabSize,
    hiddenSize: sizes.hidden,
    numHiddenLayers: sizes.layers,
    numAttentionHeads: sizes.heads,
    intermediateSize: sizes.feedForward,
    hiddenActivation: defaultRecipe.activation,
    classifierActivation: defaultRecipe.headActivation,
    maxPositionEmbeddings: sizes.sequenceLength,
    normEps: 1e-5,
    ropeTheta: defaultRecipe.ropeTheta,
    attentionBias: true,
    classifierBias: true,
    initializerRange: defaultRecipe.initializerRange,
    padTokenId: 0,
    clsTokenId: CLS_ID,
    sepTokenId: SEP_ID,
    maskTokenId: MASK_ID,
  };
}

/** Rows `[CLS] ... [SEP]` of ids whose frequencies fall off as those of words do. */
function madeUpData(vocabSize: number, sequenceLength: number): PackedSequences {
  const random = new RandomStream(0, RandomPurpose.sampling, 1);
  const ordinary = vocabSize - SPECIAL_IDS.length;
  const ids = Int32Array.from(
    { length: ROWS * sequenceLength },
    () => SPECIAL_IDS.length + Math.min(ordinary - 1, Math.floor(ordinary ** random.nextFloat()) - 1),
  );
  for (let start = 0; start < ids.length; start += sequenceLength) {
    ids[start] = CLS_ID;
    ids[start + sequenceLength - 1] = SEP_ID;
  }
  return {
    sequenceLength,
    count: ROWS,
    row: (index) => ids.subarray(index * sequenceLength, (index + 1) * sequenceLength),
  };
}
