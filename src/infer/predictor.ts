import { compileProgram } from '../graph/index.js';
import type { Engine, LoadedProgram, TensorValue } from '../runtime/index.js';
import {
  type PredictionShape,
  type PredictorModel,
  type ProgramShape,
  positionsShape,
  type Question,
  questionOutput,
} from './model-graph.js';
import { type PredictionInput, type Row, type RowAnswer, type RunInput, runRows } from './rows.js';

/** Bytes of packed weights that may be resident; more programs than fit are released, the oldest first. */
const RESIDENT_BYTES = 2 ** 30;
const MOST_PROGRAMS = 24;

/**
 * Asks a model. A program is compiled for each question and shape, with the weights inside it, so that ONNX Runtime packs
 * them once; rows of any lengths share few shapes (`buckets.ts`).
 */
export class Predictor {
  private readonly programs = new Map<string, Promise<LoadedProgram>>();
  private readonly mostPrograms: number;

  constructor(
    private readonly engine: Engine,
    readonly asked: PredictorModel,
  ) {
    const bytes = [...asked.parameters.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
    // Each session holds the weights twice: as they came and packed.
    this.mostPrograms = Math.max(2, Math.min(MOST_PROGRAMS, Math.floor(RESIDENT_BYTES / (2 * bytes))));
  }

  /** Most tokens of a row, special ones included. */
  get maxTokens(): number {
    return this.asked.model.maxTokens;
  }

  /** V */
  get vocabSize(): number {
    return this.asked.model.config.vocabSize;
  }

  /** Probabilities f32[M, V], row by row; special ids have exactly 0 and each row sums to 1. */
  predict(shape: PredictionShape, batch: PredictionInput): Promise<Float32Array> {
    return this.run({ kind: 'probabilities' }, { ...shape, isPadded: false, isEven: false }, batch);
  }

  /**
   * Answers a question for every row, in batches of padded rows of similar length, two of them under way at a time;
   * answers come by batch, not in the order of the rows. Rows may be made while others are answered, so memory is that of
   * a few batches, whatever the number of rows.
   */
  ask<R extends Row>(question: Question, rows: Iterable<R>): AsyncGenerator<RowAnswer<R>> {
    return runRows(this, question, rows);
  }

  /** Distributions f32[positions, V] for each of some rows, in their order. */
  async distributions(rows: readonly Row[]): Promise<Float32Array[]> {
    const answers = new Map<Row, Float32Array>();
    for await (const { row, values } of this.ask({ kind: 'probabilities' }, rows)) answers.set(row, values);
    return rows.map((row) => answers.get(row) as Float32Array);
  }

  /** Runs the program of a question and a shape once, and gives its one output. */
  async run(question: Question, shape: ProgramShape, values: RunInput): Promise<Float32Array> {
    const loaded = await this.programFor(question, shape);
    const { batchSize: B, sequenceLength: T, predictions: M } = shape;
    const feeds: Record<string, TensorValue> = {
      inputIds: { dtype: 'int32', shape: [B, T], data: values.inputIds },
    };
    if (values.attentionMask) {
      feeds.attentionMask = { dtype: 'int32', shape: [B, T], data: values.attentionMask };
    }
    if (question.kind !== 'layer') {
      feeds.positions = { dtype: 'int32', shape: positionsShape(shape), data: values.positions };
    }
    if (values.places) feeds.places = { dtype: 'int32', shape: [M], data: values.places };
    const { answer } = await loaded.run(feeds);
    return answer?.data as Float32Array;
  }

  /** Frees the compiled programs. */
  async release(): Promise<void> {
    for (const loaded of this.programs.values()) await (await loaded).release();
    this.programs.clear();
  }

  private programFor(question: Question, shape: ProgramShape): Promise<LoadedProgram> {
    const key = JSON.stringify([
      question,
      shape.batchSize,
      shape.sequenceLength,
      shape.predictions,
      shape.isPadded,
      shape.isEven,
    ]);
    const known = this.programs.get(key);
    this.programs.delete(key);
    const loaded =
      known ?? this.engine.load(compileProgram({ answer: questionOutput(this.asked, question, shape) }));
    this.programs.set(key, loaded); // a Map keeps its order: the last used is the last
    void this.evict();
    return loaded;
  }

  private async evict(): Promise<void> {
    for (const [key, loaded] of this.programs) {
      if (this.programs.size <= this.mostPrograms) return;
      this.programs.delete(key);
      await (await loaded).release();
    }
  }
}
