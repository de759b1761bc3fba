import { cpus, totalmem } from 'node:os';
import { RandomPurpose, RandomStream } from '../core/index.js';
import { EpochOrder, makeBatch, type PackedSequences } from '../data/index.js';
import { compileProgram, Graph, input, matMul } from '../graph/index.js';
import { bertPolicy } from '../masking/index.js';
import { initialParameters, type LanguageModel, modernBert } from '../model/index.js';
import { Engine, type TensorValue } from '../runtime/index.js';
import {
  defaultRecipe,
  planMicroBatches,
  runTraining,
  type StepShape,
  stepFlops,
  trainingStep,
} from '../train/index.js';
import { planBatches } from './held-out.js';
import { PRESETS, type Preset, type PresetName } from './presets.js';

export interface BenchOptions {
  readonly preset: PresetName;
  /** T; 128 unless told. */
  readonly sequenceLength?: number;
  /** Sequences of an optimizer step; as many as hold the preset's tokens unless told. */
  readonly batchSize?: number;
  /** Sequences computed at once; a divisor of `batchSize`. */
  readonly microBatchSize?: number;
  /** Interleaved measurements of the limit and of training; the medians are reported. */
  readonly repetitions?: number;
  readonly threads?: number;
  readonly onProgress?: (line: string) => void;
}

/** A median with the extremes around it. */
export interface Measured {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

export interface BenchResult {
  readonly preset: PresetName;
  readonly sequenceLength: number;
  readonly batchTokens: number;
  readonly microBatchTokens: number;
  readonly tokensPerSecond: number;
  readonly gflopsEffective: number;
  readonly gflopsSgemm: number;
  /** gflopsEffective / gflopsSgemm, by pairs measured one after the other. */
  readonly ratio: number;
  readonly ratioSpread: Measured;
  /** Largest resident memory of the process so far. */
  readonly peakRssBytes: number;
}

export interface BenchMachine {
  readonly cpu: string;
  readonly cores: number;
  readonly threads: number;
  readonly memoryBytes: number;
}

/** Special ids of the made-up vocabulary. */
const SPECIAL_IDS = [0, 1, 2, 3, 4];
const [CLS_ID, SEP_ID, MASK_ID] = [2, 3, 4];
const MASK_RATE = 0.15;
const DEFAULT_REPETITIONS = 7;

/** Side of the square matrices whose product is the machine's limit, and products in one measurement. */
const SGEMM_SIZE = 1024;
const SGEMM_PRODUCTS = 8;

/** About how long one program run of training takes, and the most steps in one. */
const MEASUREMENT_MS = 2000;
const MAX_STEPS = 32;

/**
 * Measures whole training steps (masking and batching, forward, backward, clipping, AdamW, copies of state) beside the
 * machine's own matrix product through the same runtime, in turn, so that both see the same machine.
 */
export async function bench(options: BenchOptions): Promise<BenchResult> {
  const preset: Preset = PRESETS[options.preset];
  const sequenceLength = options.sequenceLength ?? 128;
  const batchSize = options.batchSize ?? Math.max(1, Math.round(preset.batchTokens / sequenceLength));
  const model = benchModel(preset, sequenceLength);
  const sizes = { batchSize, sequenceLength, hidden: preset.hidden };
  const { microBatchSize, microBatches } = planMicroBatches(sizes, options.microBatchSize);
  const plan = planBatches(microBatchSize, sequenceLength, MASK_RATE);
  const shape: StepShape = { ...plan, predictions: plan.predictionsPerBatch, microBatches };
  const engine = new Engine(options.threads === undefined ? {} : { threads: options.threads });
  try {
    const limit = await sgemmMeter(engine);
    const trainer = trainingMeter(engine, model, shape);
    const steps = Math.max(2, Math.min(MAX_STEPS, Math.round(MEASUREMENT_MS / (await trainer(1)))));
    const pairs: { limit: number; effective: number; msPerStep: number }[] = [];
    for (let repetition = 0; repetition < (options.repetitions ?? DEFAULT_REPETITIONS); repetition++) {
      const before = await limit();
      const msPerStep = await trainer(steps);
      const after = await limit();
      const effective = stepFlops(model, shape) / msPerStep / 1e6;
      pairs.push({ limit: (before + after) / 2, effective, msPerStep });
      options.onProgress?.(`${effective.toFixed(1)} of ${((before + after) / 2).toFixed(1)} GFLOP/s`);
    }
    const msPerStep = measured(pairs.map((pair) => pair.msPerStep)).median;
    const ratioSpread = measured(pairs.map((pair) => pair.effective / pair.limit));
    return {
      preset: options.preset,
      sequenceLength,
      batchTokens: batchSize * sequenceLength,
      microBatchTokens: microBatchSize * sequenceLength,
      tokensPerSecond: (1000 * batchSize * sequenceLength) / msPerStep,
      gflopsEffective: measured(pairs.map((pair) => pair.effective)).median,
      gflopsSgemm: measured(pairs.map((pair) => pair.limit)).median,
      ratio: ratioSpread.median,
      ratioSpread,
      peakRssBytes: process.resourceUsage().maxRSS * 1024,
    };
  } finally {
    await engine.close();
  }
}

/** The machine that a benchmark ran on. */
export function benchMachine(threads?: number): BenchMachine {
  const processors = cpus();
  return {
    cpu: processors[0]?.model ?? 'unknown',
    cores: processors.length,
    threads: threads ?? processors.length,
    memoryBytes: totalmem(),
  };
}

function benchModel(preset: Preset, sequenceLength: number): LanguageModel {
  return modernBert.of({
    vocabSize: preset.vocabSize,
    hiddenSize: preset.hidden,
    numHiddenLayers: preset.layers,
    numAttentionHeads: preset.heads,
    intermediateSize: preset.feedForward,
    hiddenActivation: defaultRecipe.activation,
    classifierActivation: defaultRecipe.headActivation,
    maxPositionEmbeddings: sequenceLength,
    normEps: 1e-5,
    ropeTheta: defaultRecipe.ropeTheta,
    attentionBias: true,
    classifierBias: true,
    initializerRange: defaultRecipe.initializerRange,
    padTokenId: 0,
    clsTokenId: CLS_ID,
    sepTokenId: SEP_ID,
    maskTokenId: MASK_ID,
  });
}

/** Measures the product of two square matrices, in GFLOP/s. */
async function sgemmMeter(engine: Engine): Promise<() => Promise<number>> {
  const shape = [SGEMM_SIZE, SGEMM_SIZE];
  const graph = new Graph();
  const [a, b] = [input(graph, 'a', 'float32', shape), input(graph, 'b', 'float32', shape)];
  // A chain of products, of which only the last leaves the run: the copy of outputs is not what is measured.
  let product = matMul(a, b);
  for (let index = 1; index < SGEMM_PRODUCTS; index++) product = matMul(product, b);
  const loaded = await engine.load(compileProgram({ product }));
  const random = new RandomStream(0, RandomPurpose.sampling);
  const data = Float32Array.from({ length: SGEMM_SIZE ** 2 }, () => random.nextFloat() / SGEMM_SIZE);
  const value: TensorValue = { dtype: 'float32', shape, data };
  return async () => {
    const started = performance.now();
    await loaded.run({ a: value, b: value });
    return (2 * SGEMM_PRODUCTS * SGEMM_SIZE ** 3) / (performance.now() - started) / 1e6;
  };
}

/**
 * Measures training in milliseconds a step: the second of two program runs, from the end of the first, with everything
 * that lies between. Compilation, the copies of the initial state and the last ones happen once in a training and are
 * left out.
 */
function trainingMeter(
  engine: Engine,
  model: LanguageModel,
  shape: StepShape,
): (stepsPerRun: number) => Promise<number> {
  const { vocabSize } = model.config;
  const data = madeUpData(vocabSize, shape);
  const initial = initialParameters(model, { seed: 0 });
  const vocabulary = { vocabSize, specialIds: SPECIAL_IDS, maskId: MASK_ID };
  const plan = { ...shape, predictionsPerBatch: shape.predictions };
  const order = new EpochOrder(data.count, 0);
  const options = { plan, seed: 0, vocabulary, policy: bertPolicy(MASK_RATE) };
  const step = trainingStep(model, shape, { ...defaultRecipe, specialIds: SPECIAL_IDS });
  return async (stepsPerRun) => {
    const ends: number[] = [];
    await runTraining({
      engine,
      step,
      shape,
      initial,
      batchAt: (index) => makeBatch(data, order, index, options),
      optimizer: defaultRecipe.optimizer,
      schedule: defaultRecipe.schedule,
      budget: { steps: 2 * stepsPerRun },
      stepsPerRun,
      onSteps: ({ elapsedMs }) => ends.push(elapsedMs),
    });
    const [first, second] = ends as [number, number];
    return (second - first) / stepsPerRun;
  };
}

/** Rows `[CLS] ... [SEP]` of ids whose frequencies fall off as those of words do. */
function madeUpData(vocabSize: number, { sequenceLength }: StepShape): PackedSequences {
  const count = 512;
  const random = new RandomStream(0, RandomPurpose.sampling, 1);
  const ordinary = vocabSize - SPECIAL_IDS.length;
  const ids = Int32Array.from(
    { length: count * sequenceLength },
    () => SPECIAL_IDS.length + Math.min(ordinary - 1, Math.floor(ordinary ** random.nextFloat()) - 1),
  );
  for (let start = 0; start < ids.length; start += sequenceLength) {
    ids[start] = CLS_ID;
    ids[start + sequenceLength - 1] = SEP_ID;
  }
  return {
    sequenceLength,
    count,
    ids,
    row: (index) => ids.subarray(index * sequenceLength, (index + 1) * sequenceLength),
  };
}

function measured(values: readonly number[]): Measured {
  const sorted = [...values].sort((a, b) => a - b);
  return {
    median: sorted[Math.floor(sorted.length / 2)] as number,
    least: sorted[0] as number,
    most: sorted.at(-1) as number,
  };
}
