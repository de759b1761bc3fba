import { compileProgram, constant, Graph, input, softmax, type Tensor } from '../graph/index.js';
import { type LanguageModel, lastOf, type ParameterValues, validityMask } from '../model/index.js';
import type { Engine, LoadedProgram } from '../runtime/index.js';

/** What a predictor needs of a model. */
export interface PredictorModel {
  readonly model: LanguageModel;
  readonly parameters: ParameterValues;
  /** Ids that no distribution gives any mass. */
  readonly specialIds: readonly number[];
}

/** Sizes of one prediction: B sequences of T tokens, M positions in all. */
export interface PredictionShape {
  readonly batchSize: number;
  readonly sequenceLength: number;
  readonly predictions: number;
}

/** Ids of B sequences and the M positions to predict, as rows of B * T. */
export interface PredictionInput {
  /** i32[B * T] */
  readonly inputIds: Int32Array;
  /** i32[M] */
  readonly positions: Int32Array;
}

/**
 * Distributions over the valid ids at masked positions. One program is compiled for each shape asked for, with the
 * weights inside it, so that ONNX Runtime packs them once.
 */
export class Predictor {
  private readonly programs = new Map<string, Promise<LoadedProgram>>();

  constructor(
    private readonly engine: Engine,
    private readonly model: PredictorModel,
  ) {}

  /** Probabilities f32[M, V], row by row; special ids have exactly 0 and each row sums to 1. */
  async predict(shape: PredictionShape, batch: PredictionInput): Promise<Float32Array> {
    const loaded = await this.programFor(shape);
    const { batchSize, sequenceLength, predictions } = shape;
    const { probabilities } = await loaded.run({
      inputIds: { dtype: 'int32', shape: [batchSize, sequenceLength], data: batch.inputIds },
      positions: { dtype: 'int32', shape: [predictions], data: batch.positions },
    });
    return probabilities?.data as Float32Array;
  }

  /** Frees the compiled programs. */
  async release(): Promise<void> {
    for (const loaded of this.programs.values()) await (await loaded).release();
    this.programs.clear();
  }

  private programFor(shape: PredictionShape): Promise<LoadedProgram> {
    const key = `${shape.batchSize}x${shape.sequenceLength}x${shape.predictions}`;
    const known =
      this.programs.get(key) ?? this.engine.load(compileProgram(predictionOutputs(this.model, shape)));
    this.programs.set(key, known);
    return known;
  }
}

function predictionOutputs(
  { model, parameters, specialIds }: PredictorModel,
  shape: PredictionShape,
): Record<string, Tensor> {
  const graph = new Graph();
  const weights = new Map(
    [...parameters].map(([name, value]) => [name, constant(graph, value.data, value.shape)]),
  );
  const inputIds = input(graph, 'inputIds', 'int32', [shape.batchSize, shape.sequenceLength]);
  const positions = input(graph, 'positions', 'int32', [shape.predictions]);
  const hiddenStates = lastOf(model.encode(weights, { inputIds }));
  const validity = validityMask(graph, model.config.vocabSize, specialIds);
  return { probabilities: softmax(model.predictionLogits(weights, hiddenStates, positions, validity)) };
}
