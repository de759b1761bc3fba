import {
  type LabelBatch,
  type LabelBatchOptions,
  type LabelledSequence,
  type LabelShape,
  labelBatches,
} from '../data/index.js';
import { compileProgram, Graph, input, softmax } from '../graph/index.js';
import { declareParameters, type LanguageModel, lastOf, type ParameterValues } from '../model/index.js';
import type { Engine, LoadedProgram, TensorValues } from '../runtime/index.js';

/**
 * Distributions over a classifier's labels, for texts or for tokens. One program is compiled for each shape; parameters
 * are fed to it, so that those of another epoch can take their place.
 */
export class LabelPredictor {
  private readonly programs = new Map<
    string,
    { loaded: LoadedProgram; holds: ParameterValues | undefined }
  >();

  constructor(
    private readonly engine: Engine,
    private readonly model: LanguageModel,
    private readonly options: LabelBatchOptions,
  ) {}

  /** Probabilities f32[C] of a text, or f32[T * C] of the T tokens of a sequence, for each sequence in order. */
  async predict(
    parameters: ParameterValues,
    sequences: readonly LabelledSequence[],
  ): Promise<Float32Array[]> {
    const classes = this.model.labels.length;
    const results: Float32Array[] = new Array(sequences.length);
    for (const batch of labelBatches(sequences, this.options)) {
      const probabilities = await this.runBatch(batch, parameters);
      const perSequence = this.options.labelsEach === 'text' ? 1 : batch.shape.sequenceLength;
      for (const [row, member] of batch.sequences.entries()) {
        const { inputIds } = sequences[member] as LabelledSequence;
        const count = this.options.labelsEach === 'text' ? 1 : inputIds.length;
        const start = row * perSequence * classes;
        results[member] = probabilities.slice(start, start + count * classes);
      }
    }
    return results;
  }

  /** Frees the compiled programs. */
  async release(): Promise<void> {
    for (const { loaded } of this.programs.values()) await loaded.release();
    this.programs.clear();
  }

  private async runBatch(batch: LabelBatch, parameters: ParameterValues): Promise<Float32Array> {
    const { batchSize, sequenceLength } = batch.shape;
    const key = `${batchSize}x${sequenceLength}`;
    const known = this.programs.get(key) ?? { loaded: await this.load(batch.shape), holds: undefined };
    this.programs.set(key, known);
    if (known.holds !== parameters) {
      await known.loaded.writeState(asState(parameters));
      known.holds = parameters;
    }
    const shape = [batchSize, sequenceLength];
    const { probabilities } = await known.loaded.run({
      inputIds: { dtype: 'int32', shape, data: batch.inputIds },
      attentionMask: { dtype: 'int32', shape, data: batch.attentionMask },
    });
    return probabilities?.data as Float32Array;
  }

  private load({ batchSize, sequenceLength }: LabelShape): Promise<LoadedProgram> {
    const graph = new Graph();
    const weights = declareParameters(graph, this.model.parameters);
    const inputs = {
      inputIds: input(graph, 'inputIds', 'int32', [batchSize, sequenceLength]),
      attentionMask: input(graph, 'attentionMask', 'int32', [batchSize, sequenceLength]),
    };
    const states = lastOf(this.model.encode(weights, inputs, this.model.classRows(inputs)));
    const logits = this.model.classLogits(weights, states, inputs);
    return this.engine.load(compileProgram({ probabilities: softmax(logits) }));
  }
}

function asState(parameters: ParameterValues): TensorValues {
  return Object.fromEntries(
    [...parameters].map(([name, { shape, data }]) => [name, { dtype: 'float32', shape, data }]),
  );
}
